/** Interactions with customers: logging, reading, changing, deleting. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import type { Interaction, InteractionChanges, NewInteraction } from "@success-manager/contract/interactions";
import { conflict, type IfMatch, notFound, requireMatch } from "@success-manager/contract/problem";
import { alertKey, alertStateRequest } from "../alerts/index.ts";
import { nameForm } from "../directory/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  deleteItem,
  find,
  getOrThrow,
  getRequest,
  InteractionEntity,
  LastInteractionEntity,
  omitNull,
  putItem,
  RETRY,
  type StoredInteraction,
  UserEntity,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { pauseGuard, withPause } from "./follow-ups.ts";
import { applyChanges, isUserId, readSentiment, toStoredInteraction } from "./input.ts";
import { lastInteractionGuard, lastInteractionWrite, previousExcept } from "./last-interaction.ts";
import { toInteraction } from "./list.ts";
import { alertUpdates, type Related } from "./side-effects.ts";

export { pendingFollowUps } from "./follow-ups.ts";
export { list, listByCustomer } from "./list.ts";
export { summary } from "./summary.ts";

/**
 * Logs an interaction with all that follows from it, in one transaction: the customer's last interaction, the alert
 * of an escalation, the end of an inactivity alert.
 *
 * @param actor becomes the author, and the performer where none is named
 * @throws 404 for an unknown customer
 */
export async function create(
  input: NewInteraction,
  actor: Pick<Actor, "id" | "full_name">,
): Promise<Interaction> {
  const created_at = new Date().toISOString();
  const id = randomUUID();
  const { customer_id, performed_by = actor.full_name, interaction_date = created_at } = input;
  const sentiment = input.sentiment ?? (await readSentiment(input));
  // Some forms send the caller's name: of several users who are called so, it is this one.
  const isCaller = nameForm(performed_by) === nameForm(actor.full_name);
  return withOptimisticRetry(async () => {
    const { performer, ...related } = await loadRelated(customer_id, id, performed_by);
    const { follow_up_date, ...others } = input;
    const logged = toStoredInteraction({
      ...others,
      ...omitNull({ follow_up_date }),
      id,
      sentiment,
      ...(input.sentiment === undefined && { sentiment_analysed: true }),
      performed_by,
      ...(performer && { performed_by_name: performer.full_name }),
      ...omitNull({ performed_by_id: performer?.id ?? (isCaller ? actor.id : null) }),
      author_id: actor.id,
      author_name: actor.full_name,
      interaction_date,
      created_at,
    });
    const after = withPause(logged, related.customer);
    // Of this attempt: what others logged since the first one does not lie ahead.
    const failed = await commit(loggingWrites(after, related, new Date()));
    // Nobody else has this id: an attempt before this one wrote it, and its answer was lost.
    return failed.length === 0 || failed.includes(0)
      ? toInteraction(after, related.customer.company_name)
      : RETRY;
  });
}

/**
 * All that a new interaction writes, itself first: the customer's last interaction, the alert of an escalation, the end
 * of an inactivity alert.
 *
 * @param related as `loadRelated` found it
 */
export function loggingWrites(after: StoredInteraction, related: Related, now: Date): Write[] {
  const { customer, last } = related;
  const dates = [...(last?.dates ?? []), after.interaction_date];
  const lastWrite = lastInteractionWrite(customer.id, dates, last, now);
  return [
    putItem(InteractionEntity.create(after)),
    ...(lastWrite ? [lastWrite] : []),
    ...alertUpdates({ before: undefined, after, dates }, related, now),
    ...pauseGuard(after, customer),
  ];
}

/** An interaction with the present name of its customer. @throws 404 */
export async function get(id: string): Promise<Interaction> {
  const interaction = await load(id);
  const customer = await find(getRequest(CustomerEntity, interaction.customer_id));
  return toInteraction(interaction, customer?.company_name);
}

/**
 * Changes an interaction: absent keys stay, null clears. It stays with its customer. Alerts and the customer's last
 * interaction follow in the same transaction.
 *
 * @throws 404; 409 for a change of what is its ticket's; 412 when `ifMatch` is outdated
 */
export const update = (id: string, changes: InteractionChanges, ifMatch?: IfMatch): Promise<Interaction> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    refuseChangesOfTicket(before, changes);
    const { customer_id } = before;
    const { performer, ...related } = await loadRelated(customer_id, id, changes.performed_by);
    const now = new Date();
    const { customer, last } = related;
    const after = withPause(await applyChanges(before, changes, performer, now), customer);
    const moved = after.interaction_date !== before.interaction_date;
    const previous = moved
      ? await previousExcept(before, last, now)
      : { dates: last?.dates ?? [], checks: [] };
    const dates = moved ? [...previous.dates, after.interaction_date] : previous.dates;
    const failed = await commit([
      putItem(InteractionEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision))),
      ...previous.checks,
      ...(moved
        ? [lastInteractionWrite(customer_id, dates, last, now) ?? lastInteractionGuard(customer_id, last)]
        : []),
      ...alertUpdates({ before, after, dates }, related, now),
      ...pauseGuard(after, customer),
    ]);
    return failed.length === 0 ? toInteraction(after, customer.company_name) : RETRY;
  });

/**
 * Deletes an interaction; the alert of an escalation ends with it.
 *
 * @throws 404, also when it is gone already; 409 for one that stands for a ticket; 412 when `ifMatch` is outdated
 */
export const remove = (id: string, ifMatch?: IfMatch): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    if (before.ticket_id !== undefined)
      throw conflict("This contact stands for a ticket. Close the ticket instead.");
    const { customer_id } = before;
    const { performer: _, ...related } = await loadRelated(customer_id, id, undefined);
    const { last } = related;
    const now = new Date();
    const { dates, checks } = await previousExcept(before, last, now);
    const failed = await commit([
      deleteItem(
        InteractionEntity.delete({ id }).where(({ revision }, { eq }) => eq(revision, before.revision)),
      ),
      ...checks,
      lastInteractionWrite(customer_id, dates, last, now) ?? lastInteractionGuard(customer_id, last),
      ...alertUpdates({ before, after: undefined, dates }, related, now),
    ]);
    return failed.length === 0 ? { message: "The interaction was deleted." } : RETRY;
  });

const load = (id: string): Promise<StoredInteraction> =>
  getOrThrow(getRequest(InteractionEntity, id), "Interaction");

/** What an interaction that stands for a ticket has from it. */
const OF_TICKET = ["interaction_type", "subject", "description", "interaction_date"] as const;

/** Forms send all their fields, so a change counts only where something is different. @throws 409 */
function refuseChangesOfTicket(before: StoredInteraction, changes: InteractionChanges): void {
  const isChanged = OF_TICKET.some((name) => changes[name] !== undefined && changes[name] !== before[name]);
  if (before.ticket_id !== undefined && isChanged)
    throw conflict(`This contact stands for ticket ${before.ticket_number}. Change the ticket instead.`);
}

/**
 * What an interaction touches, in one request: its customer, their last interaction, the alerts that it can open or
 * end, when alerts open, and the user who performed it. @throws 404
 */
export async function loadRelated(customer_id: string, id: string, performed_by?: string) {
  const requests = [
    getRequest(CustomerEntity, customer_id),
    getRequest(LastInteractionEntity, customer_id),
    alertStateRequest(customer_id, alertKey.inactivity),
    alertStateRequest(customer_id, alertKey.interaction(id)),
    settingsRequest("alerts"),
  ] as const;
  const [customer, last, inactivity, escalation, stored, performer] =
    performed_by !== undefined && isUserId(performed_by)
      ? await batchGet(...requests, getRequest(UserEntity, performed_by))
      : await batchGet(...requests);
  if (!customer) throw notFound("Customer");
  return { customer, last, inactivity, escalation, settings: settingsOf("alerts", stored), performer };
}
