import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import type { Interaction, InteractionChanges, NewInteraction } from "@success-manager/contract/interactions";
import { notFound, preconditionFailed } from "@success-manager/contract/problem";
import { alertKey, alertStateRequest } from "../alerts/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  deleteItem,
  getRequest,
  InteractionEntity,
  LastInteractionEntity,
  omitNull,
  putItem,
  RETRY,
  type StoredInteraction,
  UserEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import { changed } from "./changed.ts";
import { alertEffects } from "./effects.ts";
import { lastInteractionWrite } from "./last-contact.ts";
import { contactUnchanged, without } from "./other-contacts.ts";
import { isUserId } from "./performer.ts";
import { sentimentOf } from "./sentiment.ts";
import { shown } from "./shown.ts";
import { toStoredInteraction } from "./stored.ts";

async function storedInteraction(id: string): Promise<StoredInteraction> {
  const { data } = await InteractionEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("Interaction");
  return data;
}

/** What a contact touches: its customer, the last contact, the conditions it can open or end, and who performed it. */
async function around(customer_id: string, id: string, performed_by: string | undefined) {
  const wanted = [
    getRequest(CustomerEntity, customer_id),
    getRequest(LastInteractionEntity, customer_id),
    alertStateRequest(customer_id, alertKey.inactivity),
    alertStateRequest(customer_id, alertKey.interaction(id)),
  ] as const;
  const [customer, contact, inactivity, own, performer] =
    performed_by !== undefined && isUserId(performed_by)
      ? await batchGet(...wanted, getRequest(UserEntity, performed_by))
      : await batchGet(...wanted);
  if (!customer) throw notFound("Customer");
  return { customer, contact, inactivity, own, performer };
}

/**
 * Logs a contact with all that follows from it, in one transaction: the customer's last contact, the alert of an
 * escalation, the end of an inactivity alert.
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
  const sentiment = input.sentiment ?? (await sentimentOf(input));
  return withOptimisticRetry(async () => {
    const { performer, ...known } = await around(customer_id, id, performed_by);
    const { follow_up_date, ...told } = input;
    const after = toStoredInteraction({
      ...told,
      ...omitNull({ follow_up_date }),
      id,
      sentiment,
      ...(input.sentiment === undefined && { sentiment_analysed: true }),
      performed_by,
      ...(performer && { performed_by_name: performer.full_name }),
      author_id: actor.id,
      author_name: actor.full_name,
      interaction_date,
      created_at,
    });
    // Of this attempt: what others logged since the first one is not ahead.
    const now = new Date();
    const dates = [...(known.contact?.dates ?? []), interaction_date];
    const contact = lastInteractionWrite(customer_id, dates, known.contact, now);
    const failed = await commit([
      putItem(InteractionEntity.create(after)),
      ...(contact ? [contact] : []),
      ...alertEffects({ before: undefined, after, dates }, known, now),
    ]);
    // Nobody else has this id: an attempt before this one wrote it, and its answer was lost.
    return failed.length === 0 || failed.includes(0) ? shown(after, known.customer.company_name) : RETRY;
  });
}

/** An interaction with the name of its customer. @throws 404 */
export async function get(id: string): Promise<Interaction> {
  const interaction = await storedInteraction(id);
  const [customer] = await batchGet(getRequest(CustomerEntity, interaction.customer_id));
  return shown(interaction, customer?.company_name);
}

/**
 * Changes a contact: absent keys stay, null clears. It stays with its customer. Alerts and the customer's last
 * contact follow in the same transaction.
 *
 * @throws 404; 412 when `ifMatch` is outdated
 */
export const update = (id: string, input: InteractionChanges, ifMatch?: number): Promise<Interaction> =>
  withOptimisticRetry(async () => {
    const before = await storedInteraction(id);
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    const { customer_id } = before;
    const { performer, ...known } = await around(customer_id, id, input.performed_by);
    const now = new Date();
    const after = await changed(before, input, performer, now);
    const moved = after.interaction_date !== before.interaction_date;
    const { contact } = known;
    const left = moved ? await without(before, contact, now) : { dates: contact?.dates ?? [], checks: [] };
    const dates = moved ? [...left.dates, after.interaction_date] : left.dates;
    const failed = await commit([
      putItem(InteractionEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision))),
      ...left.checks,
      ...(moved
        ? [lastInteractionWrite(customer_id, dates, contact, now) ?? contactUnchanged(customer_id, contact)]
        : []),
      ...alertEffects({ before, after, dates }, known, now),
    ]);
    return failed.length === 0 ? shown(after, known.customer.company_name) : RETRY;
  });

/** Deletes a contact; the alert of an escalation ends with it. @throws 404, also when it is gone already */
export const remove = (id: string): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const before = await storedInteraction(id);
    const { customer_id } = before;
    const { performer: _, ...known } = await around(customer_id, id, undefined);
    const now = new Date();
    const { dates, checks } = await without(before, known.contact, now);
    const failed = await commit([
      deleteItem(
        InteractionEntity.delete({ id }).where(({ revision }, { eq }) => eq(revision, before.revision)),
      ),
      ...checks,
      lastInteractionWrite(customer_id, dates, known.contact, now) ??
        contactUnchanged(customer_id, known.contact),
      ...alertEffects({ before, after: undefined, dates }, known, now),
    ]);
    return failed.length === 0 ? { message: "The interaction was deleted." } : RETRY;
  });
