import type {
  CustomerInteractionFilter,
  Interaction,
  InteractionFilter,
} from "@success-manager/contract/interactions";
import { notFound } from "@success-manager/contract/problem";
import { customerCounters, defineList, partsMatch } from "../lists/index.ts";
import {
  batchGet,
  CustomerEntity,
  contains,
  equals,
  type Filter,
  getRequest,
  type StoredInteraction,
} from "../table/index.ts";

/** What responses are made of: lists read no more than this. */
export const FIELDS = [
  "id",
  "customer_id",
  "interaction_type",
  "subject",
  "description",
  "sentiment",
  "performed_by",
  "performed_by_name",
  "performed_by_id",
  "author_name",
  "interaction_date",
  "follow_up_required",
  "follow_up_date",
  "ticket_id",
  "ticket_number",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredInteraction)[];

export type InteractionProjection = Pick<StoredInteraction, (typeof FIELDS)[number]>;

/** An interaction as the API shows it. */
export const toInteraction = (
  row: InteractionProjection,
  customer_name: string | undefined,
): Interaction => ({
  id: row.id,
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  interaction_type: row.interaction_type,
  subject: row.subject,
  description: row.description,
  sentiment: row.sentiment,
  performed_by: row.performed_by,
  performed_by_name: row.performed_by_name ?? row.performed_by,
  performed_by_id: row.performed_by_id ?? null,
  author_name: row.author_name ?? null,
  interaction_date: row.interaction_date,
  follow_up_required: row.follow_up_required,
  follow_up_date: row.follow_up_date ?? null,
  ticket_id: row.ticket_id ?? null,
  ticket_number: row.ticket_number ?? null,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision: row.revision,
});

type Conditions = Partial<
  Pick<InteractionFilter, "interaction_type" | "sentiment" | "follow_up_required" | "performed_by">
>;

const filterOf = (conditions: Conditions): Filter => {
  const { interaction_type, sentiment, follow_up_required, performed_by } = conditions;
  return [
    ...equals({ interaction_type, sentiment, follow_up_required }),
    performed_by !== undefined && contains("performer_key", performed_by),
  ];
};

const INTERACTION_LIST = defineList({
  entity: "interaction",
  time: ({ interaction_date }: InteractionProjection) => interaction_date,
  fields: FIELDS,
  search: ["search_key", "performer_key"],
  where: filterOf,
  /** Counters are `<interaction_type>|<sentiment>|<1 or 0>`; performers are not counted. */
  countedBy: ({ interaction_type, sentiment, follow_up_required, performed_by }) =>
    performed_by === undefined ? partsMatch(interaction_type, sentiment, follow_up_required) : undefined,
  toItem: toInteraction,
});

/** Interactions by filter and date. */
export async function list(query: InteractionFilter) {
  const { rows: interactions, ...page } = await INTERACTION_LIST.page(query);
  return { interactions, ...page };
}

/** Interactions with a customer, newest first. @throws 404 */
export async function listByCustomer(id: string, query: CustomerInteractionFilter) {
  const [customer, counters] = await batchGet(getRequest(CustomerEntity, id), customerCounters(id));
  if (!customer) throw notFound("Customer");
  const { rows, ...page } = await INTERACTION_LIST.rowsOfCustomer(id, query, counters);
  return { interactions: rows.map((row) => toInteraction(row, customer.company_name)), ...page };
}
