import {
  AlertType,
  InteractionType,
  isOpenStatus,
  MailStatus,
  Product,
  ReportFrequency,
  ReportStatus,
  ReportType,
  RiskLevel,
  Sentiment,
  Severity,
  SurveyType,
  TicketPriority,
  TicketStatus,
} from "@success-manager/contract/vocabulary";
import * as z from "zod";
import { themesOf } from "../sentiment/index.ts";
import { ENTITY_NAME, NO_CUSTOMER } from "../table/index.ts";
import {
  ALL_DAYS,
  ALL_MONTHS,
  dayOf,
  hourOf,
  monthOf,
  openLinkState,
  type Series,
  THEMES,
  weekOf,
} from "./counters.ts";

/** What an item adds to one counter. */
export interface Contribution {
  readonly series: Series;
  readonly period: string;
  readonly counter: string;
  readonly amount: number;
}

/** An item of the table, as it is stored. */
export type Item = Readonly<Record<string, unknown>>;

const instant = z.iso.datetime();
const id = z.string().min(1);

/** One contribution of the same amount to each of these periods; none of 0. */
const to = (series: Series, periods: readonly string[], counter: string, amount = 1): Contribution[] =>
  amount === 0 ? [] : periods.map((period) => ({ series, period, counter, amount }));

const digit = (yes: boolean) => (yes ? "1" : "0");

/** Names are as typed, up to the input's limit; a day's item has to hold many of them. */
const NAME_CHARACTERS = 60;
const nameOf = (typed: string) => Array.from(typed.toWellFormed()).slice(0, NAME_CHARACTERS).join("");

const Interaction = z.object({
  customer_id: id,
  interaction_type: InteractionType,
  sentiment: Sentiment,
  performed_by: z.string(),
  performed_by_id: z.string().optional(),
  interaction_date: instant,
  follow_up_required: z.boolean(),
  follow_up_date: z.iso.date().optional(),
  follow_up_paused: z.boolean().optional(),
});

function ofInteraction(item: z.infer<typeof Interaction>): Contribution[] {
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

const Survey = z.object({
  customer_id: id,
  survey_type: SurveyType,
  score: z.int(),
  product: Product.optional(),
  feedback_text: z.string().optional(),
  submitted_at: instant,
});

/** Who recommends us, and who advises against it, of an answer from 0 to 10. */
const npsGroup = (score: number) => (score >= 9 ? "promoters" : score <= 6 ? "detractors" : "passives");

/**
 * A response counts by type and score for its day and of all time. Its month knows what trends are made of: how many of
 * each type and the sum of their scores, and of NPS the groups; of a product the same, without NPS. Of all time a
 * product has each score, and the groups. So a year of months is small enough for one read unit.
 */
function ofSurvey(item: z.infer<typeof Survey>): Contribution[] {
  const { survey_type, score, product, feedback_text, submitted_at } = item;
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
    ...themesOf(feedback_text ?? "").flatMap(({ sign, words }) => to("survey", [THEMES], `${sign}|${words}`)),
    ...to(`customer#${item.customer_id}`, [monthOf(submitted_at), ALL_DAYS], `survey|${answer}`),
  ];
}

const SurveyLink = z.object({
  customer_id: id,
  survey_type: SurveyType,
  created_at: instant,
  expires_at: instant,
  opened_at: instant.optional(),
  mail_status: MailStatus.optional(),
  answered_at: instant.optional(),
  revoked_at: instant.optional(),
});

/**
 * A link counts in its day and in all time, once, by what came of it. As nothing happens when it expires, one that is
 * open counts also on the day and in the hour of its end, by what it is until then.
 */
function ofSurveyLink(item: z.infer<typeof SurveyLink>): Contribution[] {
  const { customer_id, survey_type, created_at, expires_at, answered_at, revoked_at } = item;
  const outcome = answered_at ? "answered" : revoked_at ? "revoked" : "open";
  const kind = `${survey_type}|${outcome}`;
  return [
    ...to("survey_link", [dayOf(created_at), ALL_DAYS], kind),
    ...to(`customer#${customer_id}`, [ALL_DAYS], `survey_link|${kind}`),
    ...(outcome === "open"
      ? to("survey_link_end", [dayOf(expires_at)], `${openLinkState(item)}|${hourOf(expires_at)}`)
      : []),
  ];
}

const facts = { customer_id: id, alert_type: AlertType, severity: Severity, created_at: instant };
const Alert = z.discriminatedUnion("is_resolved", [
  z.object({ ...facts, is_resolved: z.literal(false) }),
  z.object({ ...facts, is_resolved: z.literal(true), resolved_at: instant }),
]);

function ofAlert(item: z.infer<typeof Alert>): Contribution[] {
  const kind = `${item.alert_type}|${item.severity}|${digit(item.is_resolved)}`;
  const counted = [
    ...to("alert", [dayOf(item.created_at), ALL_DAYS], kind),
    ...(item.customer_id === NO_CUSTOMER
      ? []
      : to(`customer#${item.customer_id}`, [ALL_DAYS], `alert|${kind}`)),
  ];
  if (!item.is_resolved) return counted;
  const days = [dayOf(item.resolved_at), ALL_DAYS];
  const ms = Date.parse(item.resolved_at) - Date.parse(item.created_at);
  return [...counted, ...to("alert_resolved", days, "count"), ...to("alert_resolved", days, "ms", ms)];
}

const Score = z.object({
  overall_score: z.number(),
  adoption_score: z.number(),
  engagement_score: z.number(),
  support_score: z.number(),
  financial_score: z.number(),
  risk_level: RiskLevel,
  calculated_at: instant,
  previous_calculated_at: instant.optional(),
  factors: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: "custom", message: "must be JSON", input: text });
        return z.NEVER;
      }
    })
    .pipe(z.object({ adoption: z.object({ details: z.object({ products: z.array(Product) }) }) })),
});

/** The periods that trends of scores are shown by. */
const trendPeriods = (at: string) => [dayOf(at), weekOf(at), monthOf(at)];

/**
 * A score counts in its day, its week and its month. `customers` counts people instead of scores: a customer's first
 * score in a period, which is the one whose predecessor lies in another. Of a product it is the same score, so who
 * gets a product within a period, after they were scored in it, counts among its customers from the next one on.
 */
function ofScore(item: z.infer<typeof Score>): Contribution[] {
  const { calculated_at, previous_calculated_at } = item;
  const periods = trendPeriods(calculated_at);
  const before = previous_calculated_at === undefined ? [] : trendPeriods(previous_calculated_at);
  const entered = periods.filter((period) => !before.includes(period));
  const products = [...new Set(item.factors.adoption.details.products)];
  return [
    ...to("score", periods, "count"),
    ...to("score", entered, "customers"),
    ...to("score", periods, "overall", item.overall_score),
    ...to("score", periods, "adoption", item.adoption_score),
    ...to("score", periods, "engagement", item.engagement_score),
    ...to("score", periods, "support", item.support_score),
    ...to("score", periods, "financial", item.financial_score),
    ...to("score", periods, `risk|${item.risk_level}`),
    ...products.flatMap((product) => [
      ...to("score", periods, `product|${product}|count`),
      ...to("score", entered, `product|${product}|customers`),
      ...to("score", periods, `product|${product}|overall`, item.overall_score),
    ]),
  ];
}

const Ticket = z.object({
  customer_id: id,
  priority: TicketPriority,
  status: TicketStatus,
  created_at: instant,
  first_response_at: instant.optional(),
  resolved_at: instant.optional(),
  breach_at: instant.optional(),
});

const TIME = "HH:MM";
/** The minute of an instant, as the counters of its day are named. */
const minuteOf = (at: string) => at.slice("YYYY-MM-DDT".length, "YYYY-MM-DDT".length + TIME.length);

/**
 * A ticket counts on the day when it was opened; what it took to answer and to resolve it, on the day of that. Open
 * ones count at the minute when they break their service level, if nothing happens: so how many have broken it is
 * known at any moment, without looking at one of them.
 */
function ofTicket(item: z.infer<typeof Ticket>): Contribution[] {
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

const Report = z.object({ report_type: ReportType, status: ReportStatus, created_at: instant });

const ofReport = ({ report_type, status, created_at }: z.infer<typeof Report>): Contribution[] =>
  to("report", [dayOf(created_at), ALL_DAYS], `${report_type}|${status}`);

const ReportSchedule = z.object({
  report_type: ReportType,
  frequency: ReportFrequency,
  is_active: z.boolean(),
});

const ofReportSchedule = (item: z.infer<typeof ReportSchedule>): Contribution[] =>
  to("report_schedule", [ALL_DAYS], `${item.report_type}|${item.frequency}|${digit(item.is_active)}`);

/** The attributes that contributions are made of. */
export const COUNTED_ATTRIBUTES: ReadonlySet<string> = new Set([
  ENTITY_NAME,
  ...[Interaction, Survey, SurveyLink, ...Alert.options, Score, Ticket, Report, ReportSchedule].flatMap(
    ({ shape }) => Object.keys(shape),
  ),
]);

/** How a stored item of an entity is read and counted. */
const counting =
  <T>(entity: string, schema: z.ZodType<T>, count: (item: T) => Contribution[]) =>
  (item: Item): Contribution[] => {
    const { success, data, error } = schema.safeParse(item);
    if (success) return count(data);
    const fields = new Set(error.issues.map(({ path }) => path.map(String).join(".")));
    throw new Error(`A stored ${entity} can't be counted: ${[...fields].join(", ")} is not as it must be`);
  };

const BY_ENTITY: ReadonlyMap<unknown, (item: Item) => Contribution[]> = new Map([
  ["interaction", counting("interaction", Interaction, ofInteraction)],
  ["survey", counting("survey", Survey, ofSurvey)],
  ["survey_link", counting("survey_link", SurveyLink, ofSurveyLink)],
  ["alert", counting("alert", Alert, ofAlert)],
  ["score", counting("score", Score, ofScore)],
  ["ticket", counting("ticket", Ticket, ofTicket)],
  ["report", counting("report", Report, ofReport)],
  ["report_schedule", counting("report schedule", ReportSchedule, ofReportSchedule)],
]);

/**
 * What a stored item adds to the counters. Items of which nothing is counted, and no item at all, add nothing.
 * An item always adds the same, so what it added can be taken back.
 *
 * @throws when an item of a counted entity is malformed; the message names fields, never values
 */
export function contributions(item: Item | undefined): Contribution[] {
  if (item === undefined) return [];
  return BY_ENTITY.get(item[ENTITY_NAME])?.(item) ?? [];
}
