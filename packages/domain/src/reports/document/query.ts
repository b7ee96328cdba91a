import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters, Section as SectionName } from "@success-manager/contract/report-filters";
import type { Product, SurveyType } from "@success-manager/contract/vocabulary";
import type { Section } from "@success-manager/pdf/document";
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
import { type TimelineEntry, timelineEntriesBetween } from "../../customers/index.ts";
import { getDirectory } from "../../directory/index.ts";
import { countLinks, type LinkCounts, parseScoreCounts, type ScoreCount } from "../../surveys/index.ts";
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

/** What reports are asked for, and what their sections read: counters of the period, or all of one customer. */

export interface ReportRequest {
  readonly filters: ReportFilters;
  readonly period: Period;
  readonly now: Date;
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
}

/** Counters by date; dates on which nothing was counted are missing. */
export type DailyCounters = ReadonlyMap<string, Counters>;

/** What a series counts on the days of the period and of the one before it: one query. */
export async function readDailyCounters(series: Series, period: Period): Promise<Compared<DailyCounters>> {
  const previous = precedingPeriod(period);
  const found = await countersBetween(series, dayOf(previous.date_from), dayOf(period.date_to));
  const byDate = Array.from(found, ([key, counters]) => [key.slice(dayOf("").length), counters] as const);
  const within = ({ date_from, date_to }: Period) =>
    new Map(byDate.filter(([date]) => date >= date_from && date <= date_to));
  return { current: within(period), previous: within(previous) };
}

/** Adds up counters of all days. @param takes which of them, by name; all when absent */
export const sumDays = (days: DailyCounters, takes?: (name: string) => boolean): number =>
  Array.from(days.values()).reduce((sum, counters) => sum + sumCounters(counters, takes), 0);

/** The same for both periods. */
export const mapCompared = <T, R>({ current, previous }: Compared<T>, to: (one: T) => R): Compared<R> => ({
  current: to(current),
  previous: to(previous),
});

/** Survey links by the days on which they were made. @param types of these types; of all when absent */
export function linksOfDays(days: DailyCounters, types?: readonly SurveyType[]): LinkCounts {
  const counts = Array.from(days.values(), (counters) => countLinks(counters, types));
  return {
    created: counts.reduce((sum, { created }) => sum + created, 0),
    answered: counts.reduce((sum, { answered }) => sum + answered, 0),
  };
}

export const readAlertCounts = async (period: Period) => {
  const [opened, resolved] = await Promise.all([
    readDailyCounters("alert", period),
    readDailyCounters("alert_resolved", period),
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
export async function readPeriodActivity({ period }: ReportRequest): Promise<Compared<PeriodActivity>> {
  const [interactions, surveys, links, { opened, resolved }] = await Promise.all([
    readDailyCounters("interaction", period),
    readDailyCounters("survey", period),
    readDailyCounters("survey_link", period),
    readAlertCounts(period),
  ]);
  const activity = (of: keyof Compared<unknown>): PeriodActivity => ({
    interactions: sumDays(interactions[of]),
    responses: [...surveys[of].values()].flatMap((counters) => parseScoreCounts(counters)),
    alerts_opened: opened[of],
    alerts_resolved: resolved[of],
    links: linksOfDays(links[of]),
  });
  return { current: activity("current"), previous: activity("previous") };
}

/** What a report about one customer is made of. */
export interface CustomerData {
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

/** All that sections are made of, but the scores: four requests, and more only for a long history. @throws 404 */
export async function readCustomer({ period }: ReportRequest, id: string): Promise<CustomerData> {
  const [[customer, score, counters], directory, alerts, history] = await Promise.all([
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
  return {
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

/** Printed where a customer's history has more than is read. */
export const INCOMPLETE =
  "Of this customer's history, the newest 5,000 entries were looked at; older ones are left out.";
