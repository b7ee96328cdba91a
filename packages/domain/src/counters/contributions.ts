import {
  AlertType,
  InteractionType,
  MailStatus,
  MovementKind,
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
import { ENTITY_NAME } from "../table/index.ts";
import {
  type Contribution,
  ofAlert,
  ofInteraction,
  ofReport,
  ofReportSchedule,
  ofSurvey,
  ofSurveyLink,
  ofTicket,
  to,
} from "./count.ts";
import { dayOf, monthOf, THEMES, weekOf } from "./counters.ts";

export type { Contribution } from "./count.ts";

/** An item of the table, as it is stored. */
export type Item = Readonly<Record<string, unknown>>;

const instant = z.iso.datetime();
const id = z.string().min(1);

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

const Survey = z.object({
  customer_id: id,
  survey_type: SurveyType,
  score: z.int(),
  product: Product.optional(),
  feedback_text: z.string().optional(),
  submitted_at: instant,
});

const themes = ({ feedback_text = "" }: z.infer<typeof Survey>): Contribution[] =>
  themesOf(feedback_text).flatMap(({ sign, words }) => to("survey", [THEMES], `${sign}|${words}`));

const SurveyLink = z.object({
  customer_id: id,
  survey_type: SurveyType,
  product: Product.optional(),
  created_at: instant,
  expires_at: instant,
  opened_at: instant.optional(),
  mail_status: MailStatus.optional(),
  answered_at: instant.optional(),
  revoked_at: instant.optional(),
});

const facts = { customer_id: id, alert_type: AlertType, severity: Severity, created_at: instant };
const Alert = z.discriminatedUnion("is_resolved", [
  z.object({ ...facts, is_resolved: z.literal(false) }),
  z.object({ ...facts, is_resolved: z.literal(true), resolved_at: instant }),
]);

const parseJson = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "must be JSON" });
    return z.NEVER;
  }
};

const Movement = z.array(
  z.tuple([MovementKind, z.string().nullable(), z.unknown(), z.int()]).rest(z.unknown()),
);

/** Why scores moved, for the day and the month: points that were gained and lost, by kind and measure. */
function ofMovement({ calculated_at, movement = [] }: z.infer<typeof Score>): Contribution[] {
  if (movement.length === 0) return [];
  const periods = [dayOf(calculated_at), monthOf(calculated_at)];
  const sum = movement.reduce((all, [, , , points]) => all + points, 0);
  return [
    ...(sum === 0 ? [] : to("movement", periods, sum > 0 ? "improved" : "declined")),
    ...movement.flatMap(([kind, measure, , points]) =>
      to("movement", periods, `${points > 0 ? "gained" : "lost"}|${kind}|${measure ?? ""}`, Math.abs(points)),
    ),
  ];
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
  /** `[kind, measure, source, points, …][]` as JSON (`health/serialize.ts`). */
  movement: z.string().transform(parseJson).pipe(Movement).optional(),
  factors: z
    .string()
    .transform(parseJson)
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
    ...ofMovement(item),
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

const Report = z.object({ report_type: ReportType, status: ReportStatus, created_at: instant });

const ReportSchedule = z.object({
  report_type: ReportType,
  frequency: ReportFrequency,
  is_active: z.boolean(),
});

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
  ["survey", counting("survey", Survey, (item) => [...ofSurvey(item), ...themes(item)])],
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
