import type { InteractionChanges } from "@success-manager/contract/interactions";
import { omitNull, type StoredInteraction } from "../table/index.ts";
import { sentimentOf } from "./sentiment.ts";
import { toStoredInteraction } from "./stored.ts";

/** The sentiment after a change: other words are read anew unless a person says how it went, now or before. */
async function sentimentAfter(before: StoredInteraction, { sentiment, ...input }: InteractionChanges) {
  if (sentiment !== undefined) return { sentiment };
  if (!before.sentiment_analysed) return { sentiment: before.sentiment };
  const { subject, description } = { ...before, ...input };
  const same = subject === before.subject && description === before.description;
  return {
    sentiment: same ? before.sentiment : await sentimentOf({ subject, description }),
    sentiment_analysed: true,
  };
}

/** The performer after a change. */
function performerAfter(
  before: StoredInteraction,
  typed: string | undefined,
  user: { full_name: string } | undefined,
) {
  const { performed_by, performed_by_name } = before;
  if (typed === undefined) return { performed_by, ...omitNull({ performed_by_name }) };
  return { performed_by: typed, ...(user && { performed_by_name: user.full_name }) };
}

/**
 * An interaction after a change: absent keys stay, null clears (decision 9).
 *
 * @param performer the user, where `performed_by` is the id of one
 */
export async function changed(
  before: StoredInteraction,
  input: InteractionChanges,
  performer: { readonly full_name: string } | undefined,
  now: Date,
): Promise<StoredInteraction> {
  const { follow_up_date = before.follow_up_date, ...told } = input;
  const { follow_up_date: _, sentiment_analysed: __, performed_by_name: ___, ...kept } = before;
  return toStoredInteraction({
    ...kept,
    ...omitNull(told),
    ...omitNull({ follow_up_date }),
    ...(await sentimentAfter(before, input)),
    ...performerAfter(before, input.performed_by, performer),
    updated_at: now.toISOString(),
    revision: before.revision + 1,
  });
}
