import * as z from "zod";
import { surveyType } from "./surveys.ts";
import { uniqueForm } from "./text.ts";
import { date, distinctBy, line, uuid } from "./values.ts";
import { CustomerStatus, Product, type ReportType } from "./vocabulary.ts";

/** The parts of each report, in their order. A report has all of them, unless `sections` names some. */
export const REPORT_SECTIONS = {
  health_summary: ["summary", "overview", "at_risk", "trends", "recommendations"],
  csat_analysis: ["summary", "scores", "nps", "trends", "feedback", "by_product"],
  customer_overview: [
    "summary",
    "profile",
    "customers",
    "health",
    "interactions",
    "alerts",
    "csat",
    "renewals",
    "next_steps",
  ],
  executive_summary: ["summary", "kpis", "alerts", "renewals", "at_risk", "trends"],
  score_backtest: ["summary", "bands", "measures", "limits"],
} as const satisfies Readonly<Record<ReportType, readonly string[]>>;

export type Section<T extends ReportType = ReportType> = (typeof REPORT_SECTIONS)[T][number];

const sections = [...new Set(Object.values(REPORT_SECTIONS).flat())];
const percent = z.int("must be a whole number").min(0, "must be at least 0").max(100, "must be at most 100");
const listOf = <T extends z.ZodType>(of: T) =>
  z.array(of).min(1, "must not be empty").max(50, "must be at most 50");

const filters = {
  date_from: date.optional().meta({ description: "First day of the period, UTC" }),
  date_to: date.optional().meta({ description: "Last day of the period, UTC" }),
  sections: z
    .array(z.enum(sections, `must be one of ${sections.join(", ")}`))
    .max(sections.length)
    .optional()
    .meta({ description: "Parts of the report; all when absent or empty" }),
  paper: z.enum(["a4", "letter"], "must be a4 or letter").optional(),
  customer_id: uuid.optional().meta({ description: "A report about this customer only" }),
  backtest_id: uuid
    .optional()
    .meta({ description: "The back-test that the report is about; the newest completed one when absent" }),
  status: listOf(CustomerStatus).optional(),
  industries: listOf(line(100)).overwrite(distinctBy(uniqueForm)).optional(),
  account_manager_id: uuid.optional(),
  product: Product.optional(),
  min_score: percent.optional().meta({ description: "Least health score" }),
  max_score: percent.optional().meta({ description: "Highest health score" }),
  // Two names may mean the same type.
  survey_types: listOf(surveyType)
    .overwrite((types) => [...new Set(types)])
    .optional(),
  days_to_renewal: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(365, "must be at most 365")
    .optional()
    .meta({ description: "How far ahead renewals are listed; 60 when absent" }),
  include_financials: z.boolean().optional().meta({ description: "Contract values; true when absent" }),
  include_trends: z.boolean().optional().meta({ description: "Charts over time; true when absent" }),
  include_notes: z
    .boolean()
    .optional()
    .meta({ description: "The team's notes about the customer whom the report is about; true when absent" }),
  annex: z.boolean().optional().meta({
    description: "Whole tables at the end, where the report lists the first rows; false when absent",
  }),
};

/**
 * A key that stands one level off. It would be ignored, and the report would be about everybody; so it is refused.
 * Null and blank count as absent, as forms send them.
 */
export const misplaced = (place: string) =>
  z
    .literal([null, ""], `belongs into ${place}`)
    .transform((): undefined => undefined)
    .optional()
    .meta({ hidden: true });

const besideFilters = misplaced("filters");

/** Filters that are not taken beside `filters`, of which `customer_id`, days and sections are in some requests. */
export const MISPLACED_FILTERS = {
  paper: besideFilters,
  status: besideFilters,
  industries: besideFilters,
  account_manager_id: besideFilters,
  product: besideFilters,
  min_score: besideFilters,
  max_score: besideFilters,
  survey_types: besideFilters,
  days_to_renewal: besideFilters,
  include_financials: besideFilters,
  include_trends: besideFilters,
  include_notes: besideFilters,
  annex: besideFilters,
} as const satisfies Record<
  Exclude<keyof typeof filters, "date_from" | "date_to" | "sections" | "customer_id" | "backtest_id">,
  z.ZodType
>;

/** What a report can be narrowed down to. `validateFilters` says which of it a type of report takes. */
export const ReportFilters = z
  .strictObject(filters, {
    // The names that were sent are not repeated.
    error: ({ code }) =>
      code === "unrecognized_keys" ? `must be of ${Object.keys(filters).join(", ")}` : undefined,
  })
  .meta({ id: "ReportFilters" });
export type ReportFilters = z.infer<typeof ReportFilters>;

const COMMON_FILTERS = ["date_from", "date_to", "sections", "paper", "annex"] as const;
const ALLOWED_FILTERS: Readonly<Record<ReportType, readonly (keyof ReportFilters)[]>> = {
  health_summary: [
    ...COMMON_FILTERS,
    "customer_id",
    "status",
    "industries",
    "account_manager_id",
    "product",
    "min_score",
    "max_score",
  ],
  csat_analysis: [...COMMON_FILTERS, "customer_id", "survey_types", "product"],
  customer_overview: [
    ...COMMON_FILTERS,
    "customer_id",
    "status",
    "industries",
    "account_manager_id",
    "product",
    "days_to_renewal",
    "include_notes",
  ],
  executive_summary: [...COMMON_FILTERS, "days_to_renewal", "include_financials", "include_trends"],
  // Of the days that the back-test looked at.
  score_backtest: ["sections", "paper", "annex", "backtest_id"],
};

/** Longer periods make unreadable charts and take too long to generate. */
const MAX_PERIOD_DAYS = 731;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What is wrong with a filter of a report, and with which. */
export interface FilterError {
  readonly filter: keyof ReportFilters;
  readonly message: string;
}

/** A period that has no end goes up to today, if it has begun. */
function validatePeriod({ date_from, date_to }: ReportFilters): FilterError[] {
  if (!date_from) return [];
  const to = date_to ?? new Date().toISOString().slice(0, 10);
  if (date_to && date_to < date_from) return [{ filter: "date_to", message: "must not be before date_from" }];
  const days = (Date.parse(to) - Date.parse(date_from)) / DAY_MS + 1;
  if (days <= MAX_PERIOD_DAYS) return [];
  return date_to
    ? [{ filter: "date_to", message: "must be within two years of date_from" }]
    : [{ filter: "date_from", message: "must be within two years before today, or come with date_to" }];
}

/** What is wrong with filters for a type of report, although each alone is well-formed. */
export function validateFilters(type: ReportType, filters: ReportFilters): FilterError[] {
  const { min_score, max_score, sections: requested = [] } = filters;
  const allowed = ALLOWED_FILTERS[type];
  const sectionsOfType: readonly string[] = REPORT_SECTIONS[type];
  const notAllowed = Object.keys(ReportFilters.shape)
    .filter((name): name is keyof ReportFilters => name in filters)
    .filter((filter) => filters[filter] !== undefined && !allowed.includes(filter))
    .map((filter) => ({ filter, message: `is not for ${type}, which takes ${allowed.join(", ")}` }));
  return [
    ...notAllowed,
    ...(requested.every((section) => sectionsOfType.includes(section))
      ? []
      : [{ filter: "sections" as const, message: `must be of ${sectionsOfType.join(", ")} for ${type}` }]),
    ...(min_score !== undefined && max_score !== undefined && max_score < min_score
      ? [{ filter: "max_score" as const, message: "must not be below min_score" }]
      : []),
    ...validatePeriod(filters),
  ];
}
