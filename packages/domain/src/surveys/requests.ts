/** Survey requests: survey links as the team sees them. Who is asked, who answered, reminders. Links: `links.ts`. */
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import {
  conflict,
  type IfMatch,
  notFound,
  requireMatch,
  tooManyRequests,
  unavailable,
  unprocessable,
} from "@success-manager/contract/problem";
import {
  HOURS_BETWEEN_REMINDERS,
  MAX_REMINDERS,
  type NewSurveyRequest,
  type SurveyRequest,
  type SurveyRequestFilter,
  type SurveyRequestStats,
  type SurveyRequestStatsFilter,
  SurveyRequestStatus,
} from "@success-manager/contract/survey-requests";
import { type Language, MailStatus, SurveyType } from "@success-manager/contract/vocabulary";
import pLimit from "p-limit";
import { dateOf } from "../calendar.ts";
import {
  type Counters,
  countersBetween,
  dayOf,
  hourOf,
  isUnreached,
  openLinkState,
} from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import {
  byCustomerName,
  byField,
  byText,
  type CounterFilter,
  countCopyBy,
  defineList,
  partsMatch,
  type SortColumn,
} from "../lists/index.ts";
import type { MailRequest } from "../mail/index.ts";
import { spend } from "../rate-limit/index.ts";
import {
  CustomerEntity,
  compares,
  either,
  emailKey,
  equals,
  exists,
  type Filter,
  type FoundOf,
  find,
  getOrThrow,
  getRequest,
  MAX_KEY,
  missing,
  oneOf,
  partitions,
  query,
  type StoredCustomer,
  type StoredSurveyLink,
  SurveyLinkEntity,
} from "../table/index.ts";
import { createLink, revoke, surveyUrl } from "./links.ts";
import { SURVEY_LIST } from "./list.ts";
import { countLinks, responseRate } from "./nps.ts";
import { linkStatus } from "./public.ts";
import { sendReminder } from "./reminders.ts";
import { loadTarget } from "./write.ts";

/** What the API shows of a link: lists read no more than this, and nobody reads its hashes. */
const FIELDS = [
  "id",
  "customer_id",
  "customer_name",
  "survey_type",
  "product_deployment_id",
  "ticket_reference",
  "custom_message",
  "language",
  "sent_to",
  "recipient_name",
  "mail_status",
  "mail_error",
  "sent_at",
  "reminder_count",
  "last_reminder_at",
  "created_by",
  "created_by_name",
  "created_at",
  "expires_at",
  "opened_at",
  "answered_at",
  "response_id",
  "score",
  "revoked_at",
  "revision",
] as const satisfies readonly (keyof StoredSurveyLink)[];

type LinkRow = Pick<StoredSurveyLink, (typeof FIELDS)[number]>;

/** What a request's status follows from. */
type StatusFacts = Pick<
  StoredSurveyLink,
  "answered_at" | "revoked_at" | "expires_at" | "opened_at" | "mail_status"
>;

/** What a request is at a moment. */
export function requestStatus(link: StatusFacts, now: Date): SurveyRequestStatus {
  switch (linkStatus(link, now)) {
    case "answered":
      return "completed";
    case "revoked":
      return "cancelled";
    case "expired":
      return "expired";
    case "open":
      return openLinkState(link);
  }
}

/** @param made only for a request that was made just now: where it is answered, and the end of that address */
function toSurveyRequest(
  link: LinkRow,
  customer_name: string | undefined,
  now: Date,
  made?: { readonly survey_url: string; readonly token: string },
): SurveyRequest {
  const { id, customer_id, survey_type, created_by, created_at, expires_at, revision } = link;
  const recipient_email = link.sent_to ?? null;
  const ticket_reference = link.ticket_reference ?? null;
  const created_by_name = link.created_by_name ?? null;
  const last_reminder_at = link.last_reminder_at ?? null;
  const response_id = link.response_id ?? null;
  return {
    id,
    customer_id,
    customer_name: customer_name ?? link.customer_name,
    survey_type,
    status: requestStatus(link, now),
    product_deployment_id: link.product_deployment_id ?? null,
    ticket_reference,
    recipient_email,
    recipient_name: link.recipient_name ?? null,
    custom_message: link.custom_message ?? null,
    language: link.language ?? null,
    created_by,
    created_by_name,
    created_at,
    expires_at,
    sent_at: link.sent_at ?? null,
    mail_status: link.mail_status ?? null,
    mail_error: link.mail_error ?? null,
    opened_at: link.opened_at ?? null,
    completed_at: link.answered_at ?? null,
    cancelled_at: link.revoked_at ?? null,
    reminder_count: link.reminder_count ?? 0,
    last_reminder_at,
    score: link.score ?? null,
    response_id,
    survey_url: made?.survey_url ?? null,
    target_email: recipient_email,
    linked_ticket_id: null,
    linked_ticket_number: ticket_reference,
    sent_by_staff_id: created_by,
    sent_by_staff_name: created_by_name,
    reminder_sent_at: last_reminder_at,
    csat_response_id: response_id,
    unique_survey_token: made?.token ?? null,
    revision,
  };
}

const load = (id: string): Promise<StoredSurveyLink> =>
  getOrThrow(getRequest(SurveyLinkEntity, id), "Survey request");

/** The request itself. */
export const reads = (id: string) => [getRequest(SurveyLinkEntity, id)] as const;

/** A request with the present name of its customer. @param found by `reads` @throws 404 */
export async function get(
  [link]: FoundOf<ReturnType<typeof reads>>,
  now = new Date(),
): Promise<SurveyRequest> {
  if (!link) throw notFound("Survey request");
  const customer = await find(getRequest(CustomerEntity, link.customer_id));
  return toSurveyRequest(link, customer?.company_name, now);
}

/** Who is asked. */
interface Recipient {
  readonly email: string;
  readonly name?: string | undefined;
  readonly language?: Language | undefined;
}

/** How many people of a customer are asked at once, and how far back those are looked for who are known otherwise. */
const MAX_RECIPIENTS = 20;
const LOOK_BACK = 50;

const contactOf = ({
  contact_email: email,
  contact_name: name,
  contact_language: language,
}: StoredCustomer): Recipient[] => (email ? [{ email, name, language }] : []);

/** Each address once, whatever its case. */
function distinct(recipients: readonly Recipient[]): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const recipient of recipients) {
    const key = emailKey(recipient.email);
    const before = found.get(key);
    found.set(
      key,
      before
        ? {
            ...before,
            name: before.name ?? recipient.name,
            language: before.language ?? recipient.language,
          }
        : recipient,
    );
  }
  return [...found.values()];
}

/** Who answered a survey lately, or was asked to, newest first: people of the customer whom nobody keeps a list of. */
async function knownPeople(customer_id: string): Promise<Recipient[]> {
  const paging = { skip: 0, limit: LOOK_BACK };
  const newest = { ...paging, customer_id, sort_by: undefined, sort_order: "desc" } as const;
  const [responses, asked] = await Promise.all([SURVEY_LIST.page(newest), REQUEST_LIST.page(newest)]);
  return [
    ...responses.rows.flatMap(({ submitted_by_email: email, submitted_by_name: name }) =>
      email ? [{ email, name }] : [],
    ),
    ...asked.rows.flatMap(({ sent_to: email, recipient_name: name, language }) =>
      email ? [{ email, name, language }] : [],
    ),
  ];
}

/** @throws 422 when nobody is known whom to ask */
async function recipientsOf(
  { target_type, target_email }: NewSurveyRequest,
  customer: StoredCustomer,
): Promise<Recipient[]> {
  const contact = contactOf(customer);
  if (target_type === "specific") {
    const email = target_email ?? "";
    return [contact.find((one) => emailKey(one.email) === emailKey(email)) ?? { email }];
  }
  const all = target_type === "primary" ? contact : [...contact, ...(await knownPeople(customer.id))];
  const recipients = distinct(all).slice(0, MAX_RECIPIENTS);
  if (recipients.length > 0) return recipients;
  throw unprocessable(
    "target_type",
    "must be specific, with a target_email: no address of this customer is known",
  );
}

/** Mails under way at once. */
const MAILS_AT_ONCE = 5;

/**
 * Asks people of a customer for their opinion: a link and a mail for each. A mail that can't be sent does not lose the
 * request; its status says so.
 *
 * @throws 404 for an unknown customer; 409 for one who has left; 422 when the deployment is not one of theirs, or
 * nobody is known whom to ask; 429 when that is more mails than the user may still send
 */
export async function create(
  input: NewSurveyRequest,
  actor: Actor,
  request: MailRequest,
  now = new Date(),
): Promise<SurveyRequest[]> {
  const { target_type: _, target_email: __, ...asked } = input;
  const target = await loadTarget(input);
  const { customer } = target;
  const recipients = await recipientsOf(input, customer);
  await spend(actor.id, ["mails"], { by: recipients.length });
  return pLimit(MAILS_AT_ONCE).map(recipients, async ({ email: send_to, name, language }) => {
    const wanted = { ...asked, send_to, recipient_name: name, language: asked.language ?? language };
    const { link, token } = await createLink(wanted, target, actor, request, now);
    const made = { token, survey_url: surveyUrl(request.origin, token) };
    return toSurveyRequest(link, customer.company_name, now, made);
  });
}

interface Conditions {
  readonly survey_type?: SurveyType | undefined;
  readonly status?: SurveyRequestStatus | undefined;
  /** When the status is asked for; now when absent. */
  readonly now?: Date | undefined;
}

/** Statuses of mails through which nobody got a link, and the others. */
const UNREACHED = MailStatus.options.filter(isUnreached);
const REACHED = MailStatus.options.filter((status) => !isUnreached(status));

const OPEN: Filter = [missing("answered_at"), missing("revoked_at")];

/** The same as `requestStatus`, as conditions: exactly one of them holds. */
function statusFilter(status: SurveyRequestStatus, now: Date): Filter {
  const open: Filter = [...OPEN, compares("expires_at", ">", now.toISOString())];
  const unopened: Filter = [...open, missing("opened_at")];
  switch (status) {
    case "completed":
      return [exists("answered_at")];
    case "cancelled":
      return [missing("answered_at"), exists("revoked_at")];
    case "expired":
      return [...OPEN, compares("expires_at", "<=", now.toISOString())];
    case "opened":
      return [...open, exists("opened_at")];
    case "failed":
      return [...unopened, oneOf("mail_status", UNREACHED)];
    case "pending":
      return [...unopened, either(missing("mail_status"), oneOf("mail_status", REACHED))];
  }
}

/** Which counters `<survey type>|<outcome>` meet the query; undefined for a status that time alone brings. */
function counterFilter({ survey_type, status }: Conditions): CounterFilter | undefined {
  switch (status) {
    case undefined:
      return partsMatch(survey_type);
    case "completed":
      return partsMatch(survey_type, "answered");
    case "cancelled":
      return partsMatch(survey_type, "revoked");
    default:
      return undefined;
  }
}

/** Sorts by status, as of now. */
const byStatus: SortColumn<Directory> = {
  filters: () => {
    const now = new Date();
    return SurveyRequestStatus.options.map((value) => ({ value, filter: statusFilter(value, now) }));
  },
};

const SORT_COLUMNS: Readonly<
  Record<Exclude<SurveyRequestFilter["sort_by"], "created_at">, SortColumn<Directory>>
> = {
  expires_at: byField("expires_at"),
  customer_name: byCustomerName,
  recipient_email: byText("sent_to"),
  survey_type: byField("survey_type"),
  status: byStatus,
};

/** Links by time. */
const REQUEST_LIST = defineList({
  entity: "survey_link",
  time: ({ created_at }: LinkRow) => created_at,
  fields: FIELDS,
  search: ["search_key"],
  sort: SORT_COLUMNS,
  where: ({ survey_type, status, now = new Date() }: Conditions) => [
    ...equals({ survey_type }),
    ...(status ? statusFilter(status, now) : []),
  ],
  countedBy: counterFilter,
  toItem: (link, customer_name) => ({ ...link, customer_name: customer_name ?? link.customer_name }),
});

/** Requests by filter, newest first unless sorted. */
export async function list(filter: SurveyRequestFilter, now = new Date()) {
  const { rows, ...page } = await REQUEST_LIST.page({ ...filter, now });
  return { requests: rows.map((link) => toSurveyRequest(link, link.customer_name, now)), ...page };
}

/** Every status, none counted yet. */
const noneYet = (): Record<SurveyRequestStatus, number> => ({
  pending: 0,
  opened: 0,
  completed: 0,
  expired: 0,
  cancelled: 0,
  failed: 0,
});

type StatusCounts = ReturnType<typeof noneYet>;

/** @param counters `<survey type>|<outcome>`, of these links */
function toStats(counts: StatusCounts, counters: Counters): SurveyRequestStats {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const rate = responseRate({ created: total, answered: counts.completed });
  const by_survey_type: SurveyRequestStats["by_survey_type"] = {};
  for (const type of SurveyType.options) {
    const links = countLinks(counters, [type]);
    if (links.created > 0)
      by_survey_type[type] = {
        total: links.created,
        completed: links.answered,
        response_rate: responseRate(links),
      };
  }
  return {
    ...counts,
    total,
    total_sent: total,
    open: counts.pending + counts.opened + counts.failed,
    response_rate: rate,
    completion_rate: rate,
    by_survey_type,
  };
}

/** The end of the hour in which `now` lies, as the last instant of it. */
const endOfHour = (now: Date) => `${now.toISOString().slice(0, 13)}:59:59.999Z`;

type EndingLink = Pick<StoredSurveyLink, "opened_at" | "mail_status">;

/** How many links that end in the present hour are looked at. More of one hour count as open until it is over. */
const ENDING_SOON = 1_000;

/** The open links that end in what is left of the present hour; undefined when they are too many to look at. */
async function readEnding(now: Date): Promise<readonly EndingLink[] | undefined> {
  const range = {
    partition: partitions.dueDate("survey_link"),
    from: now.toISOString(),
    to: `${endOfHour(now)}${MAX_KEY}`,
    fields: ["opened_at", "mail_status"],
  };
  const { value: page } = await query<EndingLink>(range, { pageSize: ENDING_SOON }).next();
  if (!page) return [];
  return page.next === undefined ? page.items : undefined;
}

/** Open links by state: those that end in later hours from counters, those of the present hour one by one. */
async function countOpen(now: Date): Promise<Pick<StatusCounts, "pending" | "opened" | "failed">> {
  const [today, thisHour] = [dayOf(dateOf(now)), hourOf(now.toISOString())];
  const [byDay, ending] = await Promise.all([
    countersBetween("survey_link_end", today, dayOf("9999")),
    readEnding(now),
  ]);
  const open = { pending: 0, opened: 0, failed: 0 };
  for (const [day, counters] of byDay)
    for (const [name, amount] of Object.entries(counters)) {
      const [state = "", hour = ""] = name.split("|");
      const isOpen = day > today || hour > thisHour || (hour === thisHour && !ending);
      if (isOpen && (state === "pending" || state === "opened" || state === "failed")) open[state] += amount;
    }
  for (const link of ending ?? []) open[openLinkState(link)] += 1;
  return open;
}

/** Figures of all requests, from counters: they lag a write for a moment. */
async function statsOfAll(now: Date): Promise<SurveyRequestStats> {
  const [directory, open] = await Promise.all([getDirectory(), countOpen(now)]);
  const counters = await directory.totals("survey_link");
  const outcome = (wanted: string) =>
    Object.entries(counters).reduce(
      (sum, [name, amount]) => sum + (name.endsWith(`|${wanted}`) ? amount : 0),
      0,
    );
  const unanswered = open.pending + open.opened + open.failed;
  const counts = {
    ...open,
    completed: Math.max(0, outcome("answered")),
    cancelled: Math.max(0, outcome("revoked")),
    expired: Math.max(0, outcome("open") - unanswered),
  };
  return toStats(counts, counters);
}

/** How many were asked, and how many answered: of all from counters, of some by looking through them. */
export async function stats(filter: SurveyRequestStatsFilter, now = new Date()): Promise<SurveyRequestStats> {
  const { customer_id, survey_type, start_date, end_date } = filter;
  if ((customer_id ?? survey_type ?? start_date ?? end_date) === undefined) return statsOfAll(now);
  const counts = noneYet();
  const counters: Record<string, number> = {};
  const statuses = SurveyRequestStatus.options;
  const found = await countCopyBy(
    "survey_link",
    { filter: equals({ customer_id, survey_type }), start_date, end_date },
    statuses.map((status) => statusFilter(status, now)),
    "survey_type",
  );
  for (const [n, status] of statuses.entries()) {
    for (const [type, count] of found[n] ?? []) {
      counts[status] += count;
      const name = `${type}|${status === "completed" ? "answered" : "other"}`;
      counters[name] = (counters[name] ?? 0) + count;
    }
  }
  return toStats(counts, counters);
}

const PAUSE_MS = HOURS_BETWEEN_REMINDERS * 60 * 60 * 1000;

/** Why somebody can't be reminded, or may not yet. @throws 409, 429 */
function checkReminder(
  link: StoredSurveyLink,
  now: Date,
): asserts link is StoredSurveyLink & { sent_to: string } {
  switch (linkStatus(link, now)) {
    case "answered":
      throw conflict("This survey has been answered already: there is nothing to remind of.");
    case "revoked":
      throw conflict("This request was cancelled. Make a new one.");
    case "expired":
      throw conflict("This request has expired. Make a new one.");
  }
  if (!link.sent_to) throw conflict("This link was mailed to nobody, so there is nobody to remind.");
  if ((link.reminder_count ?? 0) >= MAX_REMINDERS)
    throw conflict(`This person has been reminded ${MAX_REMINDERS} times, which is the most.`);
  const next = Date.parse(link.last_reminder_at ?? "1970-01-01T00:00:00Z") + PAUSE_MS;
  if (next > now.getTime()) throw tooSoon(Math.ceil((next - now.getTime()) / 1000));
}

const tooSoon = (seconds: number) => {
  const hours = Math.ceil(seconds / 3600);
  return tooManyRequests(
    seconds,
    `This person was reminded less than ${HOURS_BETWEEN_REMINDERS} hours ago. Try again in ${hours === 1 ? "an hour" : `${hours} hours`}.`,
  );
};

/**
 * Mails a reminder (`sendReminder`).
 *
 * @throws 404; 409 when it is answered, cancelled, expired or was reminded of often enough, the customer has left, or no
 * mail goes to the address; 412; 429 when the last reminder is not long ago; 503 when the mail can't be sent
 */
export async function remind(
  id: string,
  request: MailRequest,
  ifMatch?: IfMatch,
  now = new Date(),
): Promise<SurveyRequest> {
  const check: (link: StoredSurveyLink) => asserts link is StoredSurveyLink & { sent_to: string } = (link) =>
    checkReminder(link, now);
  const { mailed, link, customer } = await sendReminder(id, request, check, now, ifMatch);
  if (mailed.mail_status === "suppressed") throw conflict(mailed.mail_error);
  if (mailed.mail_status === "failed") throw unavailable(60, mailed.mail_error);
  return toSurveyRequest(link, customer?.company_name, now);
}

/**
 * Withdraws a request: its links stop working. Doing it again changes nothing.
 *
 * @throws 404; 409 when it has been answered; 412
 */
export async function cancel(id: string, ifMatch?: IfMatch, now = new Date()): Promise<SurveyRequest> {
  const link = await load(id);
  requireMatch(link.revision, ifMatch);
  if (!link.revoked_at) await revoke(id, now);
  return get([await load(id)], now);
}
