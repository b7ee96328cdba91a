import type { PeriodType } from "@success-manager/contract/dashboard";
import type { MailStatus } from "@success-manager/contract/vocabulary";
import { calendarMonth, isoWeek } from "../calendar.ts";
import { commitOne, directoryKey, partitions, query, tableName } from "../table/index.ts";
import type { Contribution } from "./count.ts";

/** What is counted. A customer's own series holds what lists and pages of that customer ask for. */
export type Series =
  | "interaction"
  | "performer"
  | "follow_up"
  | "survey"
  | "survey_product"
  | "survey_link"
  | "survey_link_end"
  | "alert"
  | "alert_resolved"
  | "score"
  | "movement"
  | "ticket"
  | "ticket_sla"
  | "ticket_due"
  | "report"
  | "report_schedule"
  | `customer#${string}`;

const UNITS: Readonly<Record<PeriodType, string>> = { daily: "day", weekly: "week", monthly: "month" };

/** Where the counters of a period stand that the calendar calls `2026-01-31`, `2026-W05` or `2026-01`. */
export const periodKey = (type: PeriodType, period: string) => `${UNITS[type]}#${period}`;

/**
 * The UTC day, the ISO week or the month of a date or an instant, or all time. All time stands last among days and
 * among months, so that a range of them can take it along in the same query.
 */
export const dayOf = (date: string) => periodKey("daily", date.slice(0, 10));
/** The hour of an instant, `00` to `23`. */
export const hourOf = (instant: string) => instant.slice(11, 13);
export const weekOf = (date: string) => periodKey("weekly", isoWeek(date.slice(0, 10)));
export const monthOf = (date: string) => periodKey("monthly", calendarMonth(date));
export const ALL_DAYS = "day#all";
export const ALL_MONTHS = "month#all";
/**
 * Themes of all responses. They stand behind the months of the series `survey`, and the newest feedback between the two
 * (`recent#<product>`), so that one query reads all that satisfaction is shown by.
 */
export const THEMES = "themes";

/** Amounts by counter; a counter that is missing is 0. */
export type Counters = Readonly<Record<string, number>>;

/** Counters are attributes of their own, so that `ADD` can reach them; the prefix tells them from keys. */
export const PREFIX = "c:";

export const counterKey = (series: Series, period: string) => ({
  pk: partitions.counters(series).key,
  sk: period,
});

/** The counters of a stored item. Any name may come, `__proto__` too, which is a name like others without a prototype. */
export function parseCounters(item: Readonly<Record<string, unknown>>): Counters {
  const counters: Record<string, number> = Object.create(null);
  for (const name in item) {
    const value = item[name];
    if (typeof value === "number" && value !== 0 && name.startsWith(PREFIX))
      counters[name.slice(PREFIX.length)] = value;
  }
  return counters;
}

/** How the counters of a series and period are read in a batch; nothing counted yet is undefined. */
export const countersRequest = (series: Series, period: string) => ({
  key: counterKey(series, period),
  parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: parseCounters(Item) }),
});

/** Counters of a series from one period to another, both included, by period; one query. */
export async function countersBetween(
  series: Series,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, Counters>> {
  const found = new Map<string, Counters>();
  const pages = query<Record<string, unknown>>({ partition: partitions.counters(series), from, to });
  for await (const { items } of pages)
    for (const item of items) found.set(String(item.sk), parseCounters(item));
  return found;
}

/** The sum of the counters whose names a predicate takes. */
export const sumCounters = (counters: Counters | undefined, takes: (name: string) => boolean = () => true) =>
  Object.entries(counters ?? {}).reduce((sum, [name, amount]) => sum + (takes(name) ? amount : 0), 0);

/** The series whose sums of all time every list asks for: small, and a request less when the directory has them. */
const IN_DIRECTORY = [
  "interaction",
  "survey",
  "alert",
  "alert_resolved",
  "follow_up",
  "survey_link",
  "ticket",
] as const satisfies Series[];
export type DirectorySeries = (typeof IN_DIRECTORY)[number];

/** A row of the directory: the counters of a series, of all time. They stand in it as they are stored. */
export interface TotalsRow {
  readonly __edb_e__: "totals";
  readonly series: DirectorySeries;
  readonly changed_at: string;
  /** Grows with every write. */
  readonly revision: number;
}

/** What the counters of a series and period carry besides, so that they are rows of the directory; mostly nothing. */
export function directoryAttributes(
  series: Series,
  period: string,
  now: Date,
): Readonly<Record<string, string>> {
  if (period !== ALL_DAYS || !IN_DIRECTORY.some((one) => one === series)) return {};
  const changed_at = now.toISOString();
  return { __edb_e__: "totals", series, changed_at, ...directoryKey(changed_at, series) };
}

/** Amounts by counter, of one stored item: a series in a period. */
export interface PeriodSums {
  readonly series: Series;
  readonly period: string;
  /** Names are data: a map takes any of them. */
  readonly counters: Map<string, number>;
}

const UNREACHED: ReadonlySet<MailStatus> = new Set([
  "failed",
  "suppressed",
  "soft_bounced",
  "bounced",
  "rejected",
]);

/** Whether nobody got what a mail of this status brings. Who complains has got it, and an unknown one may be there. */
export const isUnreached = (status: MailStatus): boolean => UNREACHED.has(status);

/** What a survey link is that can still be answered. */
export const openLinkState = (link: {
  readonly opened_at?: string | undefined;
  readonly mail_status?: MailStatus | undefined;
}): "opened" | "failed" | "pending" =>
  link.opened_at ? "opened" : link.mail_status && isUnreached(link.mail_status) ? "failed" : "pending";

/** Amounts of many contributions, by `sumKey`. */
export type Sums = Map<string, PeriodSums>;

/** Series hold no blanks, so no two items share a key. */
export const sumKey = ({ series, period }: Pick<PeriodSums, "series" | "period">) => `${series} ${period}`;

/** Adds contributions to sums, or with -1 takes them back. */
export function addTo(sums: Sums, contributed: readonly Contribution[], sign: 1 | -1 = 1): Sums {
  for (const { series, period, counter, amount } of contributed) {
    const key = sumKey({ series, period });
    const item = sums.get(key) ?? { series, period, counters: new Map<string, number>() };
    if (item.counters.size === 0) sums.set(key, item);
    item.counters.set(counter, (item.counters.get(counter) ?? 0) + sign * amount);
  }
  return sums;
}

/** The same sums without those that came to nothing. */
export function withoutZeros(sums: Sums): Sums {
  for (const [key, { counters }] of sums) {
    for (const [counter, amount] of counters) if (amount === 0) counters.delete(counter);
    if (counters.size === 0) sums.delete(key);
  }
  return sums;
}

/** The sums as contributions, one by one. */
export const toContributions = (sums: Sums): Contribution[] =>
  [...sums.values()].flatMap(({ series, period, counters }) =>
    [...counters].map(([counter, amount]) => ({ series, period, counter, amount })),
  );

/**
 * Takes counters of a series that have come to nothing out of all its days: for names of people, who are to be in none.
 * What still counts something stays.
 */
export async function forgetCounters(series: Series, names: readonly string[]): Promise<void> {
  type Stored = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };
  for await (const { items } of query<Stored>({ partition: partitions.counters(series), consistent: true }))
    for (const item of items)
      for (const name of names.map((one) => `${PREFIX}${one}`).filter((one) => item[one] === 0))
        await commitOne({
          Update: {
            TableName: tableName,
            Key: { pk: item.pk, sk: item.sk },
            UpdateExpression: "REMOVE #name",
            ConditionExpression: "#name = :nothing",
            ExpressionAttributeNames: { "#name": name },
            ExpressionAttributeValues: { ":nothing": 0 },
          },
        });
}
