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
import { SHOWN, type ShownRow, shown } from "./shown.ts";

const CONTACTS: ListDefinition<ShownRow> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  fields: SHOWN,
  texts: { fields: ["search_key", "performer_key"], lowercase: true },
};

type Asked = Partial<
  Pick<InteractionFilter, "interaction_type" | "sentiment" | "follow_up_required" | "performed_by">
>;

const filterOf = (asked: Asked): Filter => {
  const { interaction_type, sentiment, follow_up_required, performed_by } = asked;
  const performer = performed_by?.toLowerCase();
  return [
    ...equals({ interaction_type, sentiment, follow_up_required }),
    performer !== undefined && ["contains(#performer_key, :performer)", { ":performer": performer }],
  ];
};

/** Which counters `<interaction_type>|<sentiment>|<1 or 0>` count what is asked for; nobody counts performers. */
const counted = ({ interaction_type, sentiment, follow_up_required }: Asked) =>
  partsMatch(interaction_type, sentiment, follow_up_required);

/** Interactions by filter and date. */
export async function list(query: InteractionFilter) {
  const { rows: interactions, ...page } = await listRows(
    CONTACTS,
    {
      ...query,
      filter: filterOf(query),
      takes: query.performed_by === undefined ? counted(query) : undefined,
    },
    shown,
  );
  return { interactions, ...page };
}

/** Interactions with a customer, newest first. @throws 404 */
export async function ofCustomer(id: string, query: CustomerInteractionFilter) {
  const [customer, counters] = await batchGet(getRequest(CustomerEntity, id), customerCounters(id));
  if (!customer) throw notFound("Customer");
  const run = toRange(CONTACTS, { customer_id: id, sort_order: "desc", filter: filterOf(query) });
  const known = countsFrom([counters], counted(query), CONTACTS.entity);
  const { rows, ...page } = await readPage(run, known, query, CONTACTS.time);
  return { interactions: rows.map((row) => shown(row, customer.company_name)), ...page };
}
