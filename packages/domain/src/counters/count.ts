import type {
  AlertType,
  InteractionType,
  MailStatus,
  Product,
  ReportFrequency,
  ReportStatus,
  ReportType,
  Sentiment,
  Severity,
  SurveyType,
  TicketPriority,
  TicketStatus,
} from "@success-manager/contract/vocabulary";
import { isOpenStatus } from "@success-manager/contract/vocabulary";
import { NO_CUSTOMER } from "../table/index.ts";
import { ALL_DAYS, ALL_MONTHS, dayOf, hourOf, monthOf, openLinkState, type Series } from "./counters.ts";

/**
 * What rows of lists add to counters: by these functions the stream counts items for everybody, and copies of lists
 * those of the customers that a caller sees (`lists/scope.ts`). So both are counted alike.
 */

/** What an item adds to one counter. */
export interface Contribution {
  readonly series: Series;
  readonly period: string;
  readonly counter: string;
  readonly amount: number;
}

/** One contribution of the same amount to each of these periods; none of 0. */
export const to = (
  series: Series,
  periods: readonly string[],
  counter: string,
  amount = 1,
): Contribution[] => (amount === 0 ? [] : periods.map((period) => ({ series, period, counter, amount })));

const digit = (yes: boolean) => (yes ? "1" : "0");

/** Names are as typed, up to the input's limit; a day's item has to hold many of them. */
const NAME_CHARACTERS = 60;
const nameOf = (typed: string) => Array.from(typed.toWellFormed()).slice(0, NAME_CHARACTERS).join("");

export interface CountedInteraction {
  readonly customer_id: string;
  readonly interaction_type: InteractionType;
  readonly sentiment: Sentiment;
  readonly performed_by: string;
  readonly performed_by_id?: string | undefined;
  readonly interaction_date: string;
  readonly follow_up_required: boolean;
  readonly follow_up_date?: string | undefined;
  readonly follow_up_paused?: boolean | undefined;
}

export function ofInteraction(item: CountedInteraction): Contribution[] {
  const { interaction_type, sentiment, follow_up_required, follow_up_date, follow_up_paused } = item;
  const day = dayOf(item.interaction_date);
  const kind = `${interaction_type}|${sentiment}|${digit(follow_up_required)}`;
  const followUp =
    follow_up_required && !follow_up_paused
      ? [
          ...to("follow_up", follow_up_date ? [dayOf(follow_up_date), ALL_DAYS] : [ALL_DAYS], "open"),
          ...to("follow_up", follow_up_date ? [] : [ALL_DAYS], "undated"),
        ]
      : [];
  return [
    ...to("interaction", [day, ALL_DAYS], kind),
    ...to("performer", [day], nameOf(item.performed_by_id ?? item.performed_by)),
    ...followUp,
    ...to(`customer#${item.customer_id}`, [ALL_DAYS], `interaction|${kind}`),
  ];
}

export interface CountedSurvey {
  readonly customer_id: string;
  readonly survey_type: SurveyType;
  readonly score: number;
  readonly product?: Product | undefined;
  readonly submitted_at: string;
}

/** Who recommends us, and who advises against it, of an answer from 0 to 10. */
const npsGroup = (score: number) => (score >= 9 ? "promoters" : score <= 6 ? "detractors" : "passives");

/**
 * A response counts by type and score for its day and of all time. Its month knows what trends are made of: how many of
 * each type and the sum of their scores, and of NPS the groups; of a product the same, without NPS. Of all time a
 * product has each score, and the groups. So a year of months is small enough for one read unit. Themes are
 * counted by the stream alone.
 */
export function ofSurvey(item: CountedSurvey): Contribution[] {
  const { survey_type, score, product, submitted_at } = item;
  const answer = `${survey_type}|${score}`;
  const isNps = survey_type === "nps";
  const day = dayOf(submitted_at);
  const month = [monthOf(submitted_at)];
  const sums = (prefix: string) => [
    ...to("survey", month, `${prefix}count`),
    ...to("survey", month, `${prefix}sum`, score),
  ];
  return [
    ...to("survey", [day, ALL_DAYS], answer),
    ...sums(`${survey_type}|`),
    ...(isNps ? to("survey", month, npsGroup(score)) : []),
    ...(product && !isNps ? sums(`product|${product}|`) : []),
    ...(product ? to("survey", [ALL_MONTHS], `product|${product}|${isNps ? npsGroup(score) : score}`) : []),
    // Days have an item of their own for them: three times as much as lists and figures by day would have to read.
    ...(product ? to("survey_product", [day], `${product}|${answer}`) : []),
    ...to(`customer#${item.customer_id}`, [monthOf(submitted_at), ALL_DAYS], `survey|${answer}`),
  ];
}

export interface CountedSurveyLink {
  readonly customer_id: string;
  readonly survey_type: SurveyType;
  readonly product?: Product | undefined;
  readonly created_at: string;
  readonly expires_at: string;
  readonly opened_at?: string | undefined;
  readonly mail_status?: MailStatus | undefined;
  readonly answered_at?: string | undefined;
  readonly revoked_at?: string | undefined;
}

/**
 * A link counts in its day and in all time, once, by what came of it. As nothing happens when it expires, one that is
 * open counts also on the day and in the hour of its end, by what it is until then. Response rates of months and of
 * products stand beside the answers that they are about: how many links of the month were made, and have been answered
 * since, of each type; of a product without NPS, and of all time both.
 */
export function ofSurveyLink(item: CountedSurveyLink): Contribution[] {
  const { customer_id, survey_type, product, created_at, expires_at, answered_at, revoked_at } = item;
  const outcome = answered_at ? "answered" : revoked_at ? "revoked" : "open";
  const kind = `${survey_type}|${outcome}`;
  const isNps = survey_type === "nps";
  const month = monthOf(created_at);
  const made = (periods: readonly string[], prefix: string) => [
    ...to("survey", periods, `${prefix}links`),
    ...(outcome === "answered" ? to("survey", periods, `${prefix}answered`) : []),
  ];
  return [
    ...to("survey_link", [dayOf(created_at), ALL_DAYS], kind),
    ...made([month], `${survey_type}|`),
    ...(product && !isNps ? made([month], `product|${product}|`) : []),
    ...(product ? made([ALL_MONTHS], `product|${product}|${isNps ? "nps_" : ""}`) : []),
    ...to(`customer#${customer_id}`, [month, ALL_DAYS], `survey_link|${kind}`),
    ...(outcome === "open"
      ? to("survey_link_end", [dayOf(expires_at)], `${openLinkState(item)}|${hourOf(expires_at)}`)
      : []),
  ];
}

export interface CountedAlert {
  readonly customer_id: string;
  readonly alert_type: AlertType;
  readonly severity: Severity;
  readonly created_at: string;
  readonly is_resolved: boolean;
  /** Of a resolved one. */
  readonly resolved_at?: string | undefined;
}

export function ofAlert(item: CountedAlert): Contribution[] {
  const kind = `${item.alert_type}|${item.severity}|${digit(item.is_resolved)}`;
  const counted = [
    ...to("alert", [dayOf(item.created_at), ALL_DAYS], kind),
    ...(item.customer_id === NO_CUSTOMER
      ? []
      : to(`customer#${item.customer_id}`, [ALL_DAYS], `alert|${kind}`)),
  ];
  if (!item.is_resolved || item.resolved_at === undefined) return counted;
  const days = [dayOf(item.resolved_at), ALL_DAYS];
  const ms = Date.parse(item.resolved_at) - Date.parse(item.created_at);
  return [...counted, ...to("alert_resolved", days, "count"), ...to("alert_resolved", days, "ms", ms)];
}

export interface CountedTicket {
  readonly customer_id: string;
  readonly priority: TicketPriority;
  readonly status: TicketStatus;
  readonly created_at: string;
  readonly first_response_at?: string | undefined;
  readonly resolved_at?: string | undefined;
  readonly breach_at?: string | undefined;
}

const TIME = "HH:MM";
/** The minute of an instant, as the counters of its day are named. */
const minuteOf = (at: string) => at.slice("YYYY-MM-DDT".length, "YYYY-MM-DDT".length + TIME.length);

/**
 * A ticket counts on the day when it was opened; what it took to answer and to resolve it, on the day of that. Open
 * ones count at the minute when they break their service level, if nothing happens: so how many have broken it is
 * known at any moment, without looking at one of them.
 */
export function ofTicket(item: CountedTicket): Contribution[] {
  const { priority, status, created_at, first_response_at, resolved_at, breach_at } = item;
  const kind = `${priority}|${status}`;
  const took = (name: string, at: string | undefined) =>
    at === undefined
      ? []
      : [
          ...to("ticket_sla", [dayOf(at)], `${name}|count`),
          ...to("ticket_sla", [dayOf(at)], `${name}|ms`, Date.parse(at) - Date.parse(created_at)),
        ];
  return [
    ...to("ticket", [dayOf(created_at), ALL_DAYS], kind),
    ...to(`customer#${item.customer_id}`, [ALL_DAYS], `ticket|${kind}`),
    ...took("first_response", first_response_at),
    ...took("resolution", resolved_at),
    ...(breach_at !== undefined && isOpenStatus(status)
      ? [
          ...to("ticket_due", [dayOf(breach_at)], minuteOf(breach_at)),
          ...to("ticket_due", [ALL_DAYS], "open"),
        ]
      : []),
  ];
}

export interface CountedReport {
  readonly report_type: ReportType;
  readonly status: ReportStatus;
  readonly created_at: string;
}

export const ofReport = ({ report_type, status, created_at }: CountedReport): Contribution[] =>
  to("report", [dayOf(created_at), ALL_DAYS], `${report_type}|${status}`);

export interface CountedReportSchedule {
  readonly report_type: ReportType;
  readonly frequency: ReportFrequency;
  readonly is_active: boolean;
}

export const ofReportSchedule = (item: CountedReportSchedule): Contribution[] =>
  to("report_schedule", [ALL_DAYS], `${item.report_type}|${item.frequency}|${digit(item.is_active)}`);
