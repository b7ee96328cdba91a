/** Interactions with customers: logging, reading, changing, deleting. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import type { Interaction, InteractionChanges, NewInteraction } from "@success-manager/contract/interactions";
import { conflict, type IfMatch, notFound, requireMatch } from "@success-manager/contract/problem";
import { alertKey, alertStateRequest } from "../alerts/index.ts";
import { nameForm } from "../directory/index.ts";
import {
  batchGet,
  CustomerEntity,
  commitAll,
  deleteItem,
  equals,
  type FoundOf,
  find,
  getOrThrow,
  getRequest,
  InteractionEntity,
  NOT_EXISTS,
  omitNull,
  put,
  RETRY,
  type StoredInteraction,
  UserEntity,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { pauseGuard, withPause } from "./follow-ups.ts";
import { applyChanges, isUserId, readSentiment, toStoredInteraction } from "./input.ts";
import { toInteraction } from "./list.ts";
import { alertUpdates, type Related } from "./side-effects.ts";

export { pendingFollowUps } from "./follow-ups.ts";
export { list, listByCustomer } from "./list.ts";
export { summary } from "./summary.ts";

/**
 * Logs an interaction: one item, mostly. An escalation's alert and the end of an inactivity alert are written with it,
 * in one transaction; when the customer was last spoken with follows from the stream.
 *
 * @param actor becomes the author, and the performer where none is named
 * @param found by `relatedReads`
 * @throws 404 for an unknown customer
 */
export async function create(
  input: NewInteraction,
  actor: Pick<Actor, "id" | "full_name"> & Partial<Pick<Actor, "kind">>,
  found: FoundOf<ReturnType<typeof relatedReads>>,
): Promise<Interaction> {
  let ahead: typeof found | undefined = found;
  const created_at = new Date().toISOString();
  const id = randomUUID();
  const { customer_id, performed_by = actor.full_name, interaction_date = created_at } = input;
  const sentiment = input.sentiment ?? (await readSentiment(input));
  // Some forms send the caller's name: of several users who are called so, it is this one.
  const isCaller = actor.kind !== "key" && nameForm(performed_by) === nameForm(actor.full_name);
  return withOptimisticRetry(async () => {
    const { performer, ...related } = await loadRelated(customer_id, { performed_by }, ahead);
    // Another attempt reads anew.
    ahead = undefined;
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
    const answer = toInteraction(after, related.customer.company_name);
    const failed = await commitAll(await loggingWrites(after, related, new Date()), { answer });
    return failed.length === 0 ? answer : RETRY;
  });
}

/**
 * All that a new interaction writes, itself first: the alert of an escalation, the end of an inactivity alert.
 *
 * @param related as `loadRelated` found it
 */
export async function loggingWrites(after: StoredInteraction, related: Related, now: Date): Promise<Write[]> {
  return [
    put(InteractionEntity, after, NOT_EXISTS),
    ...(await alertUpdates({ before: undefined, after }, related, now)),
    ...pauseGuard(after, related.customer),
  ];
}

/** The interaction itself. */
export const reads = (id: string) => [getRequest(InteractionEntity, id)] as const;

/** An interaction with the present name of its customer. @param found by `reads` @throws 404 */
export async function get([interaction]: FoundOf<ReturnType<typeof reads>>): Promise<Interaction> {
  if (!interaction) throw notFound("Interaction");
  const customer = await find(getRequest(CustomerEntity, interaction.customer_id));
  return toInteraction(interaction, customer?.company_name);
}

/**
 * Changes an interaction: absent keys stay, null clears. It stays with its customer. Alerts follow in the same
 * transaction.
 *
 * @param found by `reads`
 * @throws 404; 409 for a change of what is its ticket's; 412 when `ifMatch` is outdated
 */
export async function update(
  id: string,
  changes: InteractionChanges,
  found: FoundOf<ReturnType<typeof reads>>,
  ifMatch?: IfMatch,
): Promise<Interaction> {
  const load = loading(id, found);
  return withOptimisticRetry(async () => {
    const before = await load();
    const { customer_id } = before;
    const { performer, ...related } = await loadRelated(customer_id, {
      performed_by: changes.performed_by,
      id,
    });
    const { customer } = related;
    requireMatch(before.revision, ifMatch);
    refuseChangesOfTicket(before, changes);
    const now = new Date();
    const after = withPause(await applyChanges(before, changes, performer, now), customer);
    const failed = await commitAll([
      put(InteractionEntity, after, equals({ revision: before.revision })),
      ...(await alertUpdates({ before, after }, related, now)),
      ...pauseGuard(after, customer, before),
    ]);
    return failed.length === 0 ? toInteraction(after, customer.company_name) : RETRY;
  });
}

/**
 * Deletes an interaction; the alert of an escalation ends with it.
 *
 * @param found by `reads`
 * @throws 404, also when it is gone already; 409 for one that stands for a ticket; 412 when `ifMatch` is outdated
 */
export function remove(
  id: string,
  found: FoundOf<ReturnType<typeof reads>>,
  ifMatch?: IfMatch,
): Promise<{ message: string }> {
  const removed = { message: "The interaction was deleted." };
  const load = loading(id, found);
  return withOptimisticRetry(async () => {
    const before = await load();
    requireMatch(before.revision, ifMatch);
    if (before.ticket_id !== undefined)
      throw conflict("This contact stands for a ticket. Close the ticket instead.");
    const { performer: _, ...related } = await loadRelated(before.customer_id, { id });
    const now = new Date();
    const failed = await commitAll([
      deleteItem(
        InteractionEntity.delete({ id }).where(({ revision }, { eq }) => eq(revision, before.revision)),
      ),
      ...(await alertUpdates({ before, after: undefined }, related, now)),
    ]);
    return failed.length === 0 ? removed : RETRY;
  });
}

/** Loads an interaction for each attempt: the first takes what was read with the session. @throws 404 */
function loading(id: string, [found]: FoundOf<ReturnType<typeof reads>>): () => Promise<StoredInteraction> {
  let isFirst = true;
  return async () => {
    if (!isFirst) return getOrThrow(getRequest(InteractionEntity, id), "Interaction");
    isFirst = false;
    if (!found) throw notFound("Interaction");
    return found;
  };
}

/** What an interaction that stands for a ticket has from it. */
const OF_TICKET = ["interaction_type", "subject", "description", "interaction_date"] as const;

/** Forms send all their fields, so a change counts only where something is different. @throws 409 */
function refuseChangesOfTicket(before: StoredInteraction, changes: InteractionChanges): void {
  const isChanged = OF_TICKET.some((name) => changes[name] !== undefined && changes[name] !== before[name]);
  if (before.ticket_id !== undefined && isChanged)
    throw conflict(`This contact stands for ticket ${before.ticket_number}. Change the ticket instead.`);
}

interface Touching {
  /** As typed: some forms send the id of a user. */
  readonly performed_by?: string | undefined;
  /** An interaction that was there before: it may have been an escalation. */
  readonly id?: string;
}

/**
 * What an interaction touches, in one request: its customer, the alerts that it can end, and the user who performed it.
 *
 * @throws 404
 */
export async function loadRelated(
  customer_id: string,
  { performed_by, id }: Touching = {},
  found?: FoundOf<ReturnType<typeof relatedReads>>,
) {
  const alert = id === undefined ? undefined : alertStateRequest(customer_id, alertKey.interaction(id));
  const [customer, inactivity, performer, escalation] = found
    ? [...found, undefined]
    : await batchGet(...relatedReads(customer_id, performed_by), alert);
  if (!customer) throw notFound("Customer");
  return { customer, inactivity, escalation, performer };
}

/** What an interaction touches by key: its customer, the state of the inactivity alert, the user who performed it. */
export const relatedReads = (customer_id: string, performed_by?: string) =>
  [
    getRequest(CustomerEntity, customer_id),
    alertStateRequest(customer_id, alertKey.inactivity),
    performed_by !== undefined && isUserId(performed_by) ? getRequest(UserEntity, performed_by) : undefined,
  ] as const;
