import { conflict, notFound, Problem } from "@success-manager/contract/problem";
import { type Invitation, scaleOf } from "@success-manager/contract/surveys";
import { type StoredSurveyLink, SurveyLinkEntity } from "../table/index.ts";
import { keptOf, sameHash } from "./token.ts";

/** What became of a link that was given out. */
export type LinkState = "open" | "answered" | "expired" | "revoked";

/** The state of a link at a moment. What a customer or the team has done counts more than time. */
export function stateOf(link: StoredSurveyLink, at: Date): LinkState {
  if (link.answered_at) return "answered";
  if (link.revoked_at) return "revoked";
  return link.expires_at > at.toISOString() ? "open" : "expired";
}

/** The link of a token, strongly consistent; undefined when it is not one of ours. */
export async function linkOf(token: string): Promise<StoredSurveyLink | undefined> {
  const kept = keptOf(token);
  if (!kept) return undefined;
  const { data: link } = await SurveyLinkEntity.get({ id: kept.id }).go({ consistent: true });
  return link && sameHash(link.token_hash, kept.token_hash) ? link : undefined;
}

/** What the holder of a link is asked. No ids (decision 15). */
export const invitationOf = (link: StoredSurveyLink): Invitation => ({
  customer_name: link.customer_name,
  survey_type: link.survey_type,
  product: link.product ?? null,
  ticket_reference: link.ticket_reference ?? null,
  expires_at: link.expires_at,
  scale: { ...scaleOf(link.survey_type) },
});

/** A link that was never given out. */
export const unknownLink = () => notFound("Survey");

/** Why nobody can answer through a link any more. */
export function closedLink(state: Exclude<LinkState, "open">): Problem {
  switch (state) {
    case "answered":
      return conflict("This survey has been answered already.");
    case "expired":
      return new Problem(410, "This link has expired. Ask for a new one.");
    case "revoked":
      return new Problem(410, "This link is no longer valid. Ask for a new one.");
  }
}
