import type { CustomerInteractionFilter, InteractionFilter } from "@success-manager/contract/interactions";
import { notFound } from "@success-manager/contract/problem";
import {
  countsFrom,
  customerCounters,
  type ListDefinition,
  listRows,
  partsMatch,
  readPage,
  toRange,
} from "../lists/index.ts";
import { batchGet, CustomerEntity, equals, type Filter, getRequest } from "../table/index.ts";
import { FIELDS, type InteractionProjection, toInteraction } from "./serialize.ts";

const INTERACTION_LIST: ListDefinition<InteractionProjection> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  fields: FIELDS,
  texts: { fields: ["search_key", "performer_key"], lowercase: true },
};

type Conditions = Partial<
  Pick<InteractionFilter, "interaction_type" | "sentiment" | "follow_up_required" | "performed_by">
>;

const filterOf = (conditions: Conditions): Filter => {
  const { interaction_type, sentiment, follow_up_required, performed_by } = conditions;
  const performer = performed_by?.toLowerCase();
  return [
    ...equals({ interaction_type, sentiment, follow_up_required }),
    performer !== undefined && ["contains(#performer_key, :performer)", { ":performer": performer }],
  ];
};

/** Which counters `<interaction_type>|<sentiment>|<1 or 0>` meet the conditions; performers are not counted. */
const counterFilter = ({ interaction_type, sentiment, follow_up_required }: Conditions) =>
  partsMatch(interaction_type, sentiment, follow_up_required);

/** Interactions by filter and date. */
export async function list(query: InteractionFilter) {
  const { rows: interactions, ...page } = await listRows(
    INTERACTION_LIST,
    {
      ...query,
      filter: filterOf(query),
      takes: query.performed_by === undefined ? counterFilter(query) : undefined,
    },
    toInteraction,
  );
  return { interactions, ...page };
}

/** Interactions with a customer, newest first. @throws 404 */
export async function listByCustomer(id: string, query: CustomerInteractionFilter) {
  const [customer, counters] = await batchGet(getRequest(CustomerEntity, id), customerCounters(id));
  if (!customer) throw notFound("Customer");
  const range = toRange(INTERACTION_LIST, { customer_id: id, sort_order: "desc", filter: filterOf(query) });
  const counts = countsFrom([counters], counterFilter(query), INTERACTION_LIST.entity);
  const { rows, ...page } = await readPage(range, counts, query, INTERACTION_LIST.time);
  return { interactions: rows.map((row) => toInteraction(row, customer.company_name)), ...page };
}
