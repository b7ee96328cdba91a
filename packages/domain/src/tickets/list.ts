import { notFound } from "@success-manager/contract/problem";
import { uniqueForm } from "@success-manager/contract/text";
import type {
  CustomerTicketFilter,
  TICKET_SORTS,
  Ticket,
  TicketFilter,
} from "@success-manager/contract/tickets";
import { isOpenStatus, TicketPriority, TicketStatus } from "@success-manager/contract/vocabulary";
import { type Directory, getDirectory } from "../directory/index.ts";
import {
  byCustomerName,
  byField,
  byText,
  customerCounters,
  defineList,
  type SortColumn,
} from "../lists/index.ts";
import {
  batchGet,
  CustomerEntity,
  compares,
  either,
  equals,
  exists,
  type Filter,
  getRequest,
  missing,
  oneOf,
  type StoredTicket,
} from "../table/index.ts";
import { breaches } from "./sla.ts";

/** What answers are made of: lists read no more than this. */
export const FIELDS = [
  "id",
  "number",
  "customer_id",
  "subject",
  "description",
  "priority",
  "status",
  "category",
  "assigned_to",
  "assigned_to_name",
  "requester_name",
  "requester_email",
  "created_by",
  "created_by_name",
  "comment_count",
  "last_comment_at",
  "first_response_due_at",
  "first_response_at",
  "first_response_late",
  "resolution_due_at",
  "resolved_at",
  "closed_at",
  "stopped_at",
  "stopped_ms",
  "breach_at",
  "survey",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredTicket)[];

export type TicketProjection = Pick<StoredTicket, (typeof FIELDS)[number]>;

/** What answers need besides the ticket. */
export interface TicketContext {
  readonly team: Directory["team"];
  readonly now: Date;
}

const assigneeOf = ({ assigned_to, assigned_to_name }: TicketProjection, team: Directory["team"]) =>
  assigned_to === undefined ? undefined : (team.get(assigned_to)?.full_name ?? assigned_to_name);

/** A ticket as the API shows it, with the present names of its customer and of who works on it. */
export const toTicket = (
  row: TicketProjection,
  customer_name: string | undefined,
  { team, now }: TicketContext,
): Ticket => ({
  id: row.id,
  number: row.number,
  ticket_number: row.number,
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  subject: row.subject,
  description: row.description,
  priority: row.priority,
  status: row.status,
  category: row.category ?? null,
  assigned_to: row.assigned_to ?? null,
  assigned_to_name: assigneeOf(row, team) ?? null,
  requester_name: row.requester_name ?? null,
  requester_email: row.requester_email ?? null,
  created_by: row.created_by,
  created_by_name: row.created_by_name,
  interaction_id: row.id,
  comment_count: row.comment_count,
  last_comment_at: row.last_comment_at ?? null,
  first_response_at: row.first_response_at ?? null,
  first_response_due_at: row.first_response_due_at,
  resolved_at: row.resolved_at ?? null,
  resolution_due_at: row.resolution_due_at,
  closed_at: row.closed_at ?? null,
  ...breaches(row, now),
  sla_paused: row.status === "waiting",
  survey: row.survey ?? null,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision: row.revision,
});

type Conditions = Partial<
  Pick<
    TicketFilter,
    "status" | "priority" | "is_open" | "assigned_to" | "unassigned" | "category" | "sla_breached"
  >
> &
  TicketContext;

/** Whether a status is open or not. */
function openFilter(is_open: boolean | undefined): Filter {
  if (is_open === undefined) return [];
  return [
    oneOf(
      "status",
      TicketStatus.options.filter((status) => isOpenStatus(status) === is_open),
    ),
  ];
}

/** What `breach_at` says as of now (`sla.ts`). */
function breachFilter(sla_breached: boolean | undefined, now: Date): Filter {
  if (sla_breached === undefined) return [];
  const instant = now.toISOString();
  return sla_breached
    ? [compares("breach_at", "<", instant)]
    : [either(missing("breach_at"), compares("breach_at", ">=", instant))];
}

const filterOf = ({ is_open, unassigned, category, sla_breached, now, ...query }: Conditions): Filter => {
  const { status, priority, assigned_to } = query;
  return [
    ...equals({
      status,
      priority,
      assigned_to,
      category_key: category === undefined ? undefined : uniqueForm(category),
    }),
    ...openFilter(is_open),
    ...breachFilter(sla_breached, now),
    unassigned !== undefined && (unassigned ? missing : exists)("assigned_to"),
  ];
};

/** Which counters `<priority>|<status>` meet the query; none know of anything else. */
function countedBy(query: Conditions) {
  const { status, priority, is_open, assigned_to, unassigned, category, sla_breached } = query;
  const others = [assigned_to, unassigned, category, sla_breached];
  if (others.some((one) => one !== undefined)) return undefined;
  return ([counted, in_status]: readonly string[]) =>
    (priority === undefined || counted === priority) &&
    (status === undefined || in_status === status) &&
    (is_open === undefined || (in_status !== "resolved" && in_status !== "closed") === is_open);
}

const placeIn = (options: readonly unknown[], value: unknown) => options.indexOf(value);

const SORT_COLUMNS: Readonly<
  Record<Exclude<(typeof TICKET_SORTS)[number], "created_at">, SortColumn<Directory>>
> = {
  updated_at: byField("updated_at"),
  // Longer numbers are larger.
  number: { fields: ["number"], value: ({ number }) => Number(String(number).replace(/\D/g, "")) },
  subject: byText("subject"),
  customer_name: byCustomerName,
  assigned_to_name: {
    fields: ["assigned_to", "assigned_to_name"],
    value: ({ assigned_to, assigned_to_name }, { team }) =>
      assigned_to === undefined ? null : (team.get(String(assigned_to))?.full_name ?? assigned_to_name),
    isText: true,
  },
  priority: {
    fields: ["priority"],
    value: ({ priority }) => placeIn(TicketPriority.options, priority),
  },
  status: {
    fields: ["status"],
    value: ({ status }) => placeIn(TicketStatus.options, status),
  },
  resolution_due_at: byField("resolution_due_at"),
};

const TICKET_LIST = defineList({
  entity: "ticket",
  time: ({ created_at }: TicketProjection) => created_at,
  fields: FIELDS,
  search: ["search_key"],
  sort: SORT_COLUMNS,
  where: filterOf,
  countedBy,
  toItem: toTicket,
});

/** Tickets by filter, newest first unless sorted. */
export async function list({ date_from: start_date, date_to: end_date, ...query }: TicketFilter) {
  const directory = getDirectory();
  const context = { team: (await directory).team, now: new Date() };
  const { rows: tickets, ...page } = await TICKET_LIST.page(
    { ...query, ...context, start_date, end_date },
    directory,
  );
  return { tickets, ...page };
}

/** Tickets of a customer, newest first. @throws 404 */
export async function listByCustomer(id: string, query: CustomerTicketFilter) {
  const [[customer, counters], { team }] = await Promise.all([
    batchGet(getRequest(CustomerEntity, id), customerCounters(id)),
    getDirectory(),
  ]);
  if (!customer) throw notFound("Customer");
  const context = { team, now: new Date() };
  const { rows, ...page } = await TICKET_LIST.rowsOfCustomer(id, { ...query, ...context }, counters);
  return { tickets: rows.map((row) => toTicket(row, customer.company_name, context)), ...page };
}
