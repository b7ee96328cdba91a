import type { CustomerInteractionFilter, InteractionFilter } from "@success-manager/contract/interactions";
import { notFound } from "@success-manager/contract/problem";
import { customerGet } from "../customer/customers.ts";
import {
  type Filter,
  having,
  type Kind,
  knownIn,
  listed,
  ownCountersGet,
  pageOfRun,
  partsAre,
  runOf,
} from "../listing/index.ts";
import { batchGet } from "../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

const CONTACTS: Kind<ShownRow> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  columns: SHOWN,
  texts: { columns: ["search_key", "performer_key"], lowercase: true },
};

type Asked = Partial<
  Pick<InteractionFilter, "interaction_type" | "sentiment" | "follow_up_required" | "performed_by">
>;

const filterOf = (asked: Asked): Filter => {
  const { interaction_type, sentiment, follow_up_required, performed_by } = asked;
  const performer = performed_by?.toLowerCase();
  return [
    ...having({ interaction_type, sentiment, follow_up_required }),
    performer !== undefined && ["contains(#performer_key, :performer)", { ":performer": performer }],
  ];
};

/** Which counters `<interaction_type>|<sentiment>|<1 or 0>` count what is asked for; nobody counts performers. */
const counted = ({ interaction_type, sentiment, follow_up_required }: Asked) =>
  partsAre(interaction_type, sentiment, follow_up_required);

/** Interactions by filter and date. */
export async function list(query: InteractionFilter) {
  const { rows: interactions, ...page } = await listed(
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
  const [customer, counters] = await batchGet(customerGet(id), ownCountersGet(id));
  if (!customer) throw notFound("Customer");
  const run = runOf(CONTACTS, { customer_id: id, sort_order: "desc", filter: filterOf(query) });
  const known = knownIn([counters], counted(query), CONTACTS.entity);
  const { rows, ...page } = await pageOfRun(run, known, query, CONTACTS.time);
  return { interactions: rows.map((row) => shown(row, customer.company_name)), ...page };
}
