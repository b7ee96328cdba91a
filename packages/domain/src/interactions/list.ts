import type { CustomerInteractionFilter, InteractionFilter } from "@success-manager/contract/interactions";
import { notFound } from "@success-manager/contract/problem";
import { customerCounters, defineList, partsMatch } from "../lists/index.ts";
import { batchGet, CustomerEntity, equals, type Filter, getRequest } from "../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

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

const INTERACTIONS = defineList({
  entity: "interaction",
  time: ({ interaction_date }: ShownRow) => interaction_date,
  fields: SHOWN,
  search: { fields: ["search_key", "performer_key"], lowercase: true },
  where: filterOf,
  /** Counters are `<interaction_type>|<sentiment>|<1 or 0>`; nobody counts by performer. */
  countedBy: ({ interaction_type, sentiment, follow_up_required, performed_by }) =>
    performed_by === undefined ? partsMatch(interaction_type, sentiment, follow_up_required) : undefined,
  toItem: shown,
});

/** Interactions by filter and date. */
export async function list(query: InteractionFilter) {
  const { rows: interactions, ...page } = await INTERACTIONS.page(query);
  return { interactions, ...page };
}

/** Interactions with a customer, newest first. @throws 404 */
export async function ofCustomer(id: string, query: CustomerInteractionFilter) {
  const [customer, counters] = await batchGet(getRequest(CustomerEntity, id), customerCounters(id));
  if (!customer) throw notFound("Customer");
  const { rows, ...page } = await INTERACTIONS.rowsOfCustomer(id, query, counters);
  return { interactions: rows.map((row) => shown(row, customer.company_name)), ...page };
}
