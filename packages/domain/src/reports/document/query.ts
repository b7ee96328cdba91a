import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters, Section as SectionName } from "@success-manager/contract/report-filters";
import type { Product, SurveyType } from "@success-manager/contract/vocabulary";
import type { Cell, Section } from "@success-manager/pdf/document";
import { alertStatesOf } from "../../alerts/index.ts";
import {
  ALL_DAYS,
  type Counters,
  countersBetween,
  countersRequest,
  dayOf,
  type Series,
  sumCounters,
} from "../../counters/index.ts";
import { occurredAt, type TimelineEntry, timelineEntriesBetween } from "../../customers/index.ts";
import { type CustomerRow, getDirectory, scoreAt } from "../../directory/index.ts";
import {
  addLinks,
  countLinks,
  type LinkCounts,
  parseScoreCounts,
  type ScoreCount,
} from "../../surveys/index.ts";
import {
  type AlertState,
  batchGet,
  CustomerEntity,
  getRequest,
  type LatestScore,
  LatestScoreEntity,
  type StoredCustomer,
  type StoredDeployment,
} from "../../table/index.ts";
import { type Period, precedingPeriod } from "../period.ts";
import { type ChangeOptions, formatChange, noDataBefore } from "./format.ts";
import { say } from "./words.ts";

/** What reports are asked for, and what their sections read: counters of the period, or all of one customer. */

export interface ReportRequest {
  readonly filters: ReportFilters;
  readonly period: Period;
  readonly now: Date;
  /** The day on which the first customer came, where the report knows: counts of days before mean nothing. */
  readonly since?: string | undefined;
  /** Whether tables keep the rows that they do not print: for the annex, or for CSV. */
  readonly keepsRows?: boolean | undefined;
}

/** Whether the report has a section: it has all of them, unless some are named. */
export const includes = ({ filters: { sections = [] } }: ReportRequest, section: SectionName): boolean =>
  sections.length === 0 || sections.includes(section);

/** The sections that are asked for, in their order; nothing is read for the others. */
export async function buildSections(
  request: ReportRequest,
  all: readonly (readonly [name: SectionName, build: () => Section | Promise<Section>])[],
): Promise<readonly Section[]> {
  return Promise.all(all.filter(([name]) => includes(request, name)).map(([, build]) => build()));
}

/** Something of the period, and of the one of the same length right before it. */
export interface Compared<T> {
  readonly current: T;
  readonly previous: T;
  /** The day on which the data begin, when that is after the first day before: then nothing can be compared. */
  readonly since?: string | undefined;
}

/** Counters by date; dates on which nothing was counted are missing. */
export type DailyCounters = ReadonlyMap<string, Counters>;

/** The earlier of the first customer and the first count, when that lies within what would be compared with. */
function dataSince(first: string | undefined, dates: readonly string[], { date_from }: Period) {
  if (first === undefined) return undefined;
  const since = dates.reduce((earliest, date) => (date < earliest ? date : earliest), first);
  return since > date_from ? since : undefined;
}

/** What a series counts on the days of the period and of the one before it: one query. */
export async function readDailyCounters(
  series: Series,
  { period, since }: Pick<ReportRequest, "period" | "since">,
): Promise<Compared<DailyCounters>> {
  const previous = precedingPeriod(period);
  const found = await countersBetween(series, dayOf(previous.date_from), dayOf(period.date_to));
  const byDate = Array.from(found, ([key, counters]) => [key.slice(dayOf("").length), counters] as const);
  const within = ({ date_from, date_to }: Period) =>
    new Map(byDate.filter(([date]) => date >= date_from && date <= date_to));
  const dates = byDate.map(([date]) => date);
  return {
    current: within(period),
    previous: within(previous),
    since: dataSince(since, dates, previous),
  };
}

/** Adds up counters of all days. @param takes which of them, by name; all when absent */
export const sumDays = (days: DailyCounters, takes?: (name: string) => boolean): number =>
  Array.from(days.values()).reduce((sum, counters) => sum + sumCounters(counters, takes), 0);

/** The same for both periods. */
export const mapCompared = <T, R>(
  { current, previous, since }: Compared<T>,
  to: (one: T) => R,
): Compared<R> => ({ current: to(current), previous: to(previous), since });

/** How a figure has changed, as the note of a tile, or that there are no data to compare with. */
export const comparedChange = (
  { current, previous, since }: Compared<number | null>,
  options: ChangeOptions,
): ReturnType<typeof formatChange> =>
  formatChange(
    current,
    since === undefined ? previous : null,
    since === undefined ? options : { ...options, nothing: noDataBefore(since) },
  );

/** The same in a table, whose heading says what is compared with. */
export function comparedCell(
  compared: Compared<number | null>,
  options: Omit<ChangeOptions, "against"> = {},
): Cell {
  const { since, ...known } = compared;
  // The whole sentence stands beside the figures of the section.
  const young = since === undefined ? {} : { previous: null };
  const nothing = since === undefined ? options.nothing : say("change.no_data");
  const { note, tone } = comparedChange({ ...known, ...young }, { ...options, nothing, against: "" });
  return tone === "neutral" ? note.trim() : { text: note.trim(), tone };
}

/** Survey links by the days on which they were made. @param types of these types; of all when absent */
export const linksOfDays = (days: DailyCounters, types?: readonly SurveyType[]): LinkCounts =>
  addLinks(Array.from(days.values(), (counters) => countLinks(counters, types)));

export const readAlertCounts = async (request: Pick<ReportRequest, "period" | "since">) => {
  const [opened, resolved] = await Promise.all([
    readDailyCounters("alert", request),
    readDailyCounters("alert_resolved", request),
  ]);
  return {
    opened: mapCompared(opened, (days) => sumDays(days)),
    resolved: mapCompared(resolved, (days) => sumDays(days, (name) => name === "count")),
  };
};

/** What happened in a period, as it is counted by day. */
export interface PeriodActivity {
  readonly interactions: number;
  readonly responses: readonly ScoreCount[];
  readonly alerts_opened: number;
  readonly alerts_resolved: number;
  readonly links: LinkCounts;
}

/** What happened in the report's period and in the one before: a query for each of five series. */
export async function readPeriodActivity(
  request: Pick<ReportRequest, "period" | "since">,
): Promise<Compared<PeriodActivity>> {
  const [interactions, surveys, links, { opened, resolved }] = await Promise.all([
    readDailyCounters("interaction", request),
    readDailyCounters("survey", request),
    readDailyCounters("survey_link", request),
    readAlertCounts(request),
  ]);
  const activity = (of: "current" | "previous"): PeriodActivity => ({
    interactions: sumDays(interactions[of]),
    responses: [...surveys[of].values()].flatMap((counters) => parseScoreCounts(counters)),
    alerts_opened: opened[of],
    alerts_resolved: resolved[of],
    links: linksOfDays(links[of]),
  });
  // The first of all counts: a series without any before the period is then one of which nothing happened.
  const starts = [interactions, surveys, links, opened].flatMap(({ since }) => since ?? []);
  const since = starts.length === 4 ? starts.sort()[0] : undefined;
  return { current: activity("current"), previous: activity("previous"), since };
}

/** What a report about one customer is made of. */
export interface CustomerData {
  /** The customer as lists know it, with what was read just now. */
  readonly row: CustomerRow;
  readonly customer: StoredCustomer;
  readonly score: LatestScore | undefined;
  /** Of all time. */
  readonly counters: Counters | undefined;
  /** The user's name, else the free text, else empty; with the e-mail address where several users have this name. */
  readonly account_manager_label: string;
  readonly deployments: readonly StoredDeployment[];
  /** Of active deployments, sorted. */
  readonly products: readonly Product[];
  readonly alerts: readonly AlertState[];
  /** What happened in the period and in the one before it, newest first. */
  readonly history: readonly TimelineEntry[];
  /** Whether that is all of it: no more than the newest 5,000 entries are read. */
  readonly complete: boolean;
}

/** A customer whom the directory does not know yet. */
const UNLISTED = {
  ...{ search_key: "", industry_key: "", manager: undefined, manager_key: "" },
  ...{ account_manager_name: "", account_manager_label: "" },
  ...{ contact: undefined, ledger: undefined, renewals: [], deployments: [], products: [] },
} as const satisfies Omit<CustomerRow, "customer" | "score">;

/** All that sections are made of, but the scores: four requests, and more only for a long history. @throws 404 */
export async function readCustomer({ period, now }: ReportRequest, id: string): Promise<CustomerData> {
  const [[customer, stored, counters], directory, alerts, history] = await Promise.all([
    batchGet(
      getRequest(CustomerEntity, id),
      getRequest(LatestScoreEntity, id),
      countersRequest(`customer#${id}`, ALL_DAYS),
    ),
    getDirectory(),
    alertStatesOf(id),
    timelineEntriesBetween(id, precedingPeriod(period).date_from, period.date_to),
  ]);
  if (!customer) throw notFound("Customer");
  const row = directory.customers.get(id);
  const score = stored && scoreAt(stored, now.toISOString());
  return {
    row: { ...UNLISTED, ...row, customer, score },
    customer,
    score,
    counters,
    account_manager_label: row?.account_manager_label ?? customer.account_manager ?? "",
    deployments: row?.deployments ?? [],
    products: row?.products ?? [],
    alerts,
    history: history.rows,
    complete: history.whole,
  };
}

/** The day on which a customer's data begin, when that lies within what would be compared with. */
export function customerSince({ customer, history }: CustomerData, period: Period): string | undefined {
  const dates = history.map((entry) => occurredAt(entry).slice(0, 10));
  return dataSince(customer.created_at.slice(0, 10), dates, precedingPeriod(period));
}

/** Printed where a customer's history has more than is read. */
export const incompleteText = (): string => say("note.incomplete");
