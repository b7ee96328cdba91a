import type { InteractionChanges } from "@success-manager/contract/interactions";
import { searchForm } from "@success-manager/contract/text";
import type { Sentiment } from "@success-manager/contract/vocabulary";
import { loadSentiment } from "../sentiment/index.ts";
import { NO_DUE_DATE, omitNull, type StoredInteraction } from "../table/index.ts";

/** How an interaction went, by its words, where nobody states it. */
export async function readSentiment({
  subject,
  description,
}: {
  readonly subject: string;
  readonly description: string;
}): Promise<Sentiment> {
  const { sentimentOf } = await loadSentiment();
  return sentimentOf(subject, description);
}

type Derived = "follow_up_due" | "performer_key" | "search_key";
type Stamp = "created_at" | "updated_at" | "revision";

/** An interaction as it is logged; without stamps it counts as written down when it took place. */
export type InteractionInput = Omit<StoredInteraction, Derived | Stamp> &
  Partial<Pick<StoredInteraction, Stamp>>;

/** Adds the attributes that lists filter, search and sort by. */
export const toStoredInteraction = (input: InteractionInput): StoredInteraction => ({
  created_at: input.interaction_date,
  updated_at: input.created_at ?? input.interaction_date,
  revision: 1,
  ...input,
  follow_up_due: input.follow_up_date ?? NO_DUE_DATE,
  performer_key: searchForm(input.performed_by_name ?? input.performed_by),
  search_key: searchForm(`${input.subject}\n${input.description}`),
});

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether `performed_by` holds the id of a user rather than a name: some forms send that. */
export const isUserId = (performed_by: string) => UUID.test(performed_by);

/** Reads the sentiment of changed words anew, unless a person states it, now or before. */
async function changedSentiment(before: StoredInteraction, { sentiment, ...input }: InteractionChanges) {
  if (sentiment !== undefined) return { sentiment };
  if (!before.sentiment_analysed) return { sentiment: before.sentiment };
  const { subject, description } = { ...before, ...input };
  const same = subject === before.subject && description === before.description;
  return {
    sentiment: same ? before.sentiment : await readSentiment({ subject, description }),
    sentiment_analysed: true,
  };
}

/** The user whose id was typed. */
interface Performer {
  readonly id: string;
  readonly full_name: string;
}

function changedPerformer(
  before: StoredInteraction,
  performed_by: string | undefined,
  user: Performer | undefined,
) {
  if (user && performed_by !== undefined)
    return { performed_by, performed_by_name: user.full_name, performed_by_id: user.id };
  if (performed_by !== undefined && performed_by !== before.performed_by) return { performed_by };
  const { performed_by_name, performed_by_id } = before;
  return { performed_by: before.performed_by, ...omitNull({ performed_by_name, performed_by_id }) };
}

/**
 * An interaction after a change: absent keys stay, null clears (decision 9).
 *
 * @param performer the user, where `performed_by` is the id of one
 */
export async function applyChanges(
  before: StoredInteraction,
  changes: InteractionChanges,
  performer: Performer | undefined,
  now: Date,
): Promise<StoredInteraction> {
  const { follow_up_date = before.follow_up_date, ...others } = changes;
  const {
    follow_up_date: _,
    sentiment_analysed: __,
    performed_by_name: ___,
    performed_by_id: ____,
    ...unchanged
  } = before;
  return toStoredInteraction({
    ...unchanged,
    ...omitNull(others),
    ...omitNull({ follow_up_date }),
    ...(await changedSentiment(before, changes)),
    ...changedPerformer(before, changes.performed_by, performer),
    updated_at: now.toISOString(),
    revision: before.revision + 1,
  });
}
