import { toStoredInteraction } from "@success-manager/domain/interactions";
import { type LastInteraction, retainedDates, type StoredInteraction } from "@success-manager/domain/table";
import { type Company, MANAGERS } from "./company.ts";
import type { History } from "./history.ts";
import { interactionId, isSilent, pick } from "./ids.ts";
import type { Time } from "./time.ts";

const SILENCE_DAYS = 45;

/** Every other customer waits for something: by a day that has passed or lies ahead, one of ten by none. */
const followUp = (n: number, i: number, { interactions }: History, { day }: Time) =>
  n % 2 === 0 && i === (n / 2) % interactions
    ? { follow_up_required: true, ...(n % 20 !== 0 && { follow_up_date: day(10 - (n % 40)) }) }
    : { follow_up_required: false };

/** Contacts of the last half year. */
export const contactsOf = ({ n, customer, history }: Company, time: Time): StoredInteraction[] =>
  Array.from({ length: history.interactions }, (_, i) =>
    toStoredInteraction({
      id: interactionId(n, i),
      customer_id: customer.id,
      interaction_type: pick(["meeting", "call", "email", "support_ticket", "training"], n + i),
      subject: "Quarterly check",
      description: "Talked through usage and open questions of the team.",
      sentiment: pick(["positive", "neutral", "negative"], n * i),
      performed_by: pick(MANAGERS, n),
      interaction_date: time.instant((isSilent(n) ? SILENCE_DAYS : 0) + i * 17 + (n % 11) + 0.5),
      ...followUp(n, i, history, time),
    }),
  );

/** When somebody last spoke with the customer. */
export const lastContactOf = (
  { customer }: Company,
  contacts: readonly StoredInteraction[],
  { now }: Time,
): LastInteraction => ({
  customer_id: customer.id,
  dates: retainedDates(
    contacts.map(({ interaction_date }) => interaction_date),
    now,
  ),
  changed_at: customer.created_at,
  revision: 1,
});
