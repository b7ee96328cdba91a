import * as z from "zod";
import { accepted, created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { rowLimit } from "./paging.ts";
import { BandCounts } from "./scores.ts";
import {
  calendarDate,
  count,
  date,
  line,
  message,
  optionalText,
  timestamp,
  uuid,
  wholeNumber,
} from "./values.ts";
import {
  BacktestVerdict,
  CustomerStatus,
  HealthRisk,
  KnownBy,
  MeasureSource,
  Product,
} from "./vocabulary.ts";

export { HealthRisk, MeasureSource } from "./vocabulary.ts";

const oneOf = <const V extends readonly [string, ...string[]]>(id: string, values: V) =>
  z.enum(values, `must be one of ${values.join(", ")}`).meta({ id });

/** Sources that look at what happened within some days; the others look at how things stand. */
export const EVENT_SOURCES: ReadonlySet<MeasureSource> = new Set<MeasureSource>([
  ...(["engagement", "support", "contacts", "support_load", "escalations", "sentiment"] as const),
  ...(["satisfaction", "days_since_contact"] as const),
]);

/** Sources that say something of every customer. */
export const ALWAYS_KNOWN: ReadonlySet<MeasureSource> = new Set<MeasureSource>([
  ...(["adoption", "engagement", "support", "financial", "products", "open_escalations"] as const),
]);

/** Sources that are a score already: from 0, which is bad, to 100. */
const SCORES: ReadonlySet<MeasureSource> = new Set<MeasureSource>([
  ...(["adoption", "engagement", "support", "financial", "contacts", "satisfaction"] as const),
]);

/** What becomes of a value: a score from 0 to 100. */
export const MeasureTransform = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("as_is") }),
    z.strictObject({
      type: z.literal("linear"),
      from: z.number().min(-10_000).max(10_000),
      to: z.number().min(-10_000).max(10_000),
    }),
    z.strictObject({
      type: z.literal("steps"),
      steps: z
        .array(z.strictObject({ at_least: z.number().min(-10_000).max(10_000), score: wholeNumber(0, 100) }))
        .min(1, "must not be empty")
        .max(10, "must be at most 10")
        .refine(
          (steps) => new Set(steps.map(({ at_least }) => at_least)).size === steps.length,
          "must have an at_least of its own each",
        ),
      otherwise: wholeNumber(0, 100),
    }),
  ])
  .meta({ id: "MeasureTransform" });
export type MeasureTransform = z.infer<typeof MeasureTransform>;

export const MissingRule = oneOf("MissingRule", ["exclude", "neutral", "low", "carry"]);
export type MissingRule = z.infer<typeof MissingRule>;

const days = wholeNumber(1, 365).nullable();

const measure = {
  key: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be lower case letters, digits and _, at most 40"),
  source: MeasureSource,
  window_days: days,
  transform: MeasureTransform,
  weight: z.number().min(0, "must be at least 0").max(100, "must be at most 100"),
  missing: MissingRule,
  max_age_days: days,
};
const cap = {
  source: MeasureSource,
  window_days: days,
  at_least: z.number().min(-10_000).max(10_000),
  at_most: wholeNumber(0, 100),
};

export const ScoreMeasure = z.object(measure).meta({ id: "ScoreMeasure" });
export type ScoreMeasure = z.infer<typeof ScoreMeasure>;

const NewScoreMeasure = z
  .strictObject({
    ...measure,
    window_days: days.default(null),
    transform: MeasureTransform.default({ type: "as_is" }),
    missing: MissingRule.default("exclude"),
    max_age_days: days.default(null),
  })
  .meta({ id: "NewScoreMeasure" });

export const ScoreCap = z.object(cap).meta({ id: "ScoreCap" });
const NewScoreCap = z.strictObject({ ...cap, window_days: days.default(null) }).meta({ id: "NewScoreCap" });

/** Contract values as `/dashboard/customer-segments` groups them. */
export const ValueSegment = oneOf("ValueSegment", ["enterprise", "mid_market", "smb", "starter"]);
export type ValueSegment = z.infer<typeof ValueSegment>;

const named = <T extends z.ZodType>(one: T, most: number) =>
  z.array(one).min(1, "must not be empty").max(most, `must be at most ${most}`).optional();

/** Which customers a definition is for: those who pass all that is named. */
export const ScoreFilter = z
  .strictObject({
    industries: named(line(100), 50),
    segments: named(ValueSegment, 4),
    products: named(Product, 3),
    statuses: named(CustomerStatus, 4),
  })
  .meta({ id: "ScoreFilter" });
export type ScoreFilter = z.infer<typeof ScoreFilter>;

export const ScoreBands = z
  .strictObject({ low: wholeNumber(1, 100), medium: wholeNumber(1, 100), high: wholeNumber(1, 100) })
  .meta({ id: "ScoreBands" });

const newContent = {
  name: line(100),
  note: optionalText(2000).default(null),
  applies_to: ScoreFilter.default({}),
  priority: wholeNumber(0, 1000).default(0),
  bands: ScoreBands.default({ low: 80, medium: 60, high: 40 }),
  min_coverage: z.number().min(0, "must be at least 0").max(1, "must be at most 1").default(0.5),
  measures: z.array(NewScoreMeasure).min(1, "must not be empty").max(12, "must be at most 12"),
  caps: z.array(NewScoreCap).max(5, "must be at most 5").default([]),
};

const content = z.object({
  name: z.string(),
  note: z.string().nullable(),
  applies_to: ScoreFilter,
  priority: count,
  bands: ScoreBands,
  min_coverage: z.number(),
  measures: z.array(ScoreMeasure),
  caps: z.array(ScoreCap),
});
export type ScoreDefinitionContent = z.infer<typeof content>;

type Fault = readonly [field: string, message: string];

/** What is wrong with a measure by itself. */
function faultOfMeasure({
  source,
  window_days,
  max_age_days,
  transform,
  missing,
}: ScoreMeasure): string | undefined {
  if (window_days === null && EVENT_SOURCES.has(source))
    return "must have window_days where they count what happened";
  if (transform.type === "as_is" && !SCORES.has(source))
    return `must have a transform where they go by ${source}, which is no score from 0 to 100`;
  // Only what happened is too old at some time, and it is carried from the end of its window on.
  const isCarried = window_days !== null && max_age_days !== null && max_age_days > window_days;
  if (missing === "carry" && !(isCarried && EVENT_SOURCES.has(source)))
    return "must have max_age_days above window_days, of what happened, where that is carried";
  return undefined;
}

/** What is wrong with a cap by itself. */
function faultOfCap({ source, window_days, at_least }: z.infer<typeof ScoreCap>): string | undefined {
  if (!EVENT_SOURCES.has(source)) return undefined;
  if (window_days === null) return "must have window_days where they count what happened";
  if (source === "days_since_contact" && at_least > window_days)
    return "must have window_days of at_least or more where they go by days_since_contact: nothing before is seen";
  return undefined;
}

/** What is wrong with a definition as a whole: a field, and a sentence. */
function contradictionOf({
  measures,
  bands,
  caps,
}: Pick<ScoreDefinitionContent, "measures" | "bands" | "caps">): Fault | undefined {
  if (new Set(measures.map(({ key }) => key)).size < measures.length)
    return ["measures", "must have a key of its own each"];
  if (bands.low <= bands.medium || bands.medium <= bands.high)
    return ["bands", "must fall from low to medium to high"];
  const weighted = measures.filter(({ weight }) => weight > 0);
  if (weighted.length === 0) return ["measures", "must have a weight above 0: nothing would be measured"];
  const isKnown = ({ source, missing }: ScoreMeasure) =>
    ALWAYS_KNOWN.has(source) || missing === "neutral" || missing === "low";
  if (!weighted.some(isKnown))
    return [
      "measures",
      "must not all be excluded where nothing is known: give one of them `neutral` or `low`, or a source that is always known",
    ];
  const ofMeasures = measures.map(faultOfMeasure).find((fault) => fault !== undefined);
  if (ofMeasures !== undefined) return ["measures", ofMeasures];
  const ofCaps = caps.map(faultOfCap).find((fault) => fault !== undefined);
  return ofCaps === undefined ? undefined : ["caps", ofCaps];
}

/** The whole of a draft; a draft that contradicts itself is refused. */
export const NewScoreDefinition = z
  .strictObject(newContent)
  .superRefine((value, context) => {
    const found = contradictionOf(value);
    if (found) context.addIssue({ code: "custom", path: [found[0]], message: found[1] });
  })
  .meta({ id: "NewScoreDefinition" });

export const ScoreDefinition = z
  .object({
    id: z.uuid(),
    version: count.nullable().meta({ description: "What scores name it by; null for a draft" }),
    status: oneOf("ScoreDefinitionStatus", ["draft", "published", "retired"]),
    ...content.shape,
    created_at: timestamp.nullable(),
    created_by: z.string().nullable(),
    updated_at: timestamp.nullable(),
    published_at: timestamp.nullable(),
    published_by: z.string().nullable(),
    retired_at: timestamp.nullable(),
    revision: count,
  })
  .meta({ id: "ScoreDefinition" });
export type ScoreDefinition = z.infer<typeof ScoreDefinition>;

const estimate = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .meta({ id: "EstimatedShare" });
const bandShares = z
  .object({ low: estimate, medium: estimate, high: estimate, critical: estimate, unknown: estimate })
  .nullable();

export const ScorePreview = z
  .object({
    customers: count.meta({ description: "Whom the definition is for, and who have not left" }),
    sampled: count.meta({
      description:
        "How many of them were looked at: all, or as many as there was time for, evenly taken. `shares_now` and `shares_then` say how sure that is",
    }),
    unreadable: count.meta({
      description: "Those of them whose records can't be read; they are in no figure",
    }),
    bands_now: BandCounts,
    bands_then: BandCounts,
    shares_now: bandShares,
    shares_then: bandShares,
    mean_now: z.number().nullable(),
    mean_then: z.number().nullable(),
    outranked: count.meta({
      description:
        "How many of those looked at would be scored by another definition all the same, one of a higher priority; nothing changes for them",
    }),
    changed: count.meta({ description: "How many of those looked at get into another band" }),
    changes: z
      .array(
        z.object({
          customer_id: z.uuid(),
          company_name: z.string(),
          score_now: count,
          score_then: count,
          band_now: HealthRisk,
          band_then: HealthRisk,
          coverage: z.number(),
        }),
      )
      .meta({
        description:
          "Who gets into another band, the largest change of the score first; the first 1 000 of `changed`",
      }),
  })
  .meta({ id: "ScorePreview" });
export type ScorePreview = z.infer<typeof ScorePreview>;

/** A definition that has just been published, and what speaks against it. */
export const PublishedScoreDefinition = ScoreDefinition.extend({
  warnings: z.array(z.string()).meta({
    description:
      "Sentences: nobody has back-tested it, it does no better than what is in use, or its filter goes by a status that the score decides",
  }),
}).meta({ id: "PublishedScoreDefinition" });
export type PublishedScoreDefinition = z.infer<typeof PublishedScoreDefinition>;

/** How many days of the past a back-test looks at, and how many days ahead of each. */
const MAX_CUTS = 36;
const MAX_HORIZON_DAYS = 730;

export const NewScoreBacktest = z
  .strictObject({
    definition_id: uuid,
    horizon_days: wholeNumber(1, MAX_HORIZON_DAYS).default(90),
    cuts: z
      .union(
        [
          z.int().min(1).max(MAX_CUTS),
          z
            .array(date)
            .min(1)
            .max(MAX_CUTS)
            .transform((days) => [...new Set(days)].sort()),
        ],
        `must be a number of months from 1 to ${MAX_CUTS}, or as many days like 2026-01-31`,
      )
      .default(12),
    segment: ScoreFilter.default({}),
    known_by: KnownBy.default("recorded"),
  })
  .meta({ id: "NewScoreBacktest" });
export type NewScoreBacktest = z.infer<typeof NewScoreBacktest>;

const share = z.number().min(0).max(1);
/** Both ends of the interval of a figure. @param scale from which number to which it goes */
const intervalOf = (scale: string) => ({
  low: z.number().meta({ description: `Lower end of the interval, ${scale}` }),
  high: z.number().meta({ description: `Upper end of the interval, ${scale}` }),
});
const interval = intervalOf("0 to 1");
/** Of two figures from 0 to 1. */
const differenceScale = "-1 to 1";

export const BacktestShare = z
  .object({
    count: z.number().meta({
      description:
        "How many of them; with decimals in the lowest tenth, where rows at its edge count in part",
    }),
    of: count.meta({ description: "How many there are" }),
    share: share.nullable().meta({ description: "`count` of `of`, 0 to 1; null of none" }),
    ...interval,
  })
  .meta({ id: "BacktestShare" });
export type BacktestShare = z.infer<typeof BacktestShare>;

export const BacktestAuc = z
  .object({
    value: share.meta({
      description: "The chance that one who left had the lower score than one who stayed; 0.5 is a coin",
    }),
    ...interval,
    departures: count.meta({ description: "Customers who left within the horizon of a cut" }),
    stayed: count.meta({ description: "Customers who stayed over the horizon of a cut" }),
    rows: count.meta({ description: "Customers at cuts, with a score" }),
  })
  .meta({ id: "BacktestAuc" });
export type BacktestAuc = z.infer<typeof BacktestAuc>;

const difference = z.object({
  difference: z.number().meta({ description: `By how much, ${differenceScale}` }),
  ...intervalOf(differenceScale),
});

/** What a back-test can't know. */
export const BacktestLimitKind = oneOf("BacktestLimitKind", [
  "contract_dates_as_now",
  "products_in_part",
  "filters_as_now",
  "recorded_later",
  "no_recording_time",
  "undated",
  "unreadable",
  "empty_cuts",
]);
export type BacktestLimitKind = z.infer<typeof BacktestLimitKind>;

export const ScoreBacktestResult = z
  .object({
    verdict: BacktestVerdict.meta({ description: "Whether it tells who leaves" }),
    sentence: z.string().meta({ description: "The verdict in words" }),
    rows: count.meta({ description: "Customers at cuts" }),
    customers: count.meta({ description: "Customers at one of the cuts at least" }),
    departures: count.meta({ description: "Customers who left within the horizon of a cut" }),
    base_rate: BacktestShare.meta({ description: "Rows whose customer left within the horizon" }),
    unscored: count.meta({
      description:
        "Rows with too little to tell: their band is unknown, and no figure that goes by the score has them",
    }),
    auc: BacktestAuc.extend({
      bootstrap: z
        .object(interval)
        .nullable()
        .meta({ description: "The middle 95 % when customers are drawn anew; null where none could be" }),
    })
      .nullable()
      .meta({ description: "null where nobody left, or nobody stayed" }),
    bands: z
      .array(
        BacktestShare.extend({
          band: HealthRisk,
          tone: z.enum(["green", "yellow", "red"]).nullable().meta({ description: "null for `unknown`" }),
          customers: count.meta({ description: "Customers who were in the band at a cut" }),
          departures: count.meta({ description: "Those of them who then left" }),
          predicted: share.nullable().meta({
            description: "Mean chance of leaving that the score gave them; null without a score",
          }),
        }).meta({ id: "BacktestBand" }),
      )
      .meta({ description: "Rows whose customer left, by band, the healthiest first" }),
    falls: z
      .object({
        from_band_to_band: z
          .boolean()
          .nullable()
          .meta({ description: "Whether churn never rises towards healthier bands; null with one band" }),
        clear: z.boolean().meta({ description: "Whether the worst band's is surely above the best one's" }),
        steps: z
          .array(
            difference
              .extend({
                from: HealthRisk.meta({ description: "The worse band" }),
                to: HealthRisk.meta({ description: "The healthier one" }),
                clear: z.boolean().meta({ description: "Whether the whole interval is above 0" }),
              })
              .meta({ id: "BacktestStep" }),
          )
          .meta({ description: "Churn of a band less that of the next healthier one" }),
      })
      .meta({ description: "Whether churn falls from band to band" }),
    calibration: z
      .object({
        brier: z.number().meta({ description: "Mean squared error of chances made of the score, 0 to 1" }),
        brier_of_base_rate: z
          .number()
          .meta({ description: "The same where everybody gets the base rate, 0 to 1" }),
        skill: z.number().meta({
          description:
            "The part of that error that the score takes away, up to 1; below 0 it adds to it (0 to 1 as a rule)",
        }),
        bins: z
          .array(
            BacktestShare.extend({
              predicted: z
                .number()
                .meta({ description: "Mean chance of leaving that was predicted, 0 to 1" }),
            }).meta({ id: "BacktestBin" }),
          )
          .meta({ description: "Ten groups by predicted chance, and how many of each left" }),
      })
      .nullable()
      .meta({ description: "Chances are learned from other customers each time; null without an AUC" }),
    worst_tenth: BacktestShare.extend({
      lift: z
        .object({
          value: z.number().meta({ description: "Times the base rate, with decimals" }),
          ...intervalOf("times the base rate, with decimals"),
        })
        .meta({ description: "How many times the base rate it is" }),
      share_of_departures: z.number().meta({ description: "Part of all departures that is in it, 0 to 1" }),
    })
      .nullable()
      .meta({ description: "The tenth with the lowest scores" }),
    red_before: z
      .array(
        BacktestShare.extend({
          days: count.meta({ description: "30, 60 or 90" }),
          not_observed: count.meta({ description: "Departures of which no cut tells so many days before" }),
        }).meta({ id: "BacktestRedBefore" }),
      )
      .meta({ description: "How many of those who left were red so many days before" }),
    left_while_green: z
      .object({
        count: count.meta({ description: "Customers who left and whose last score before was green" }),
        customers: z
          .array(
            z
              .object({
                customer_id: z.uuid(),
                company_name: z.string().nullable().meta({ description: "As it is called now" }),
                left_on: calendarDate,
                cut: calendarDate.meta({ description: "The last cut before" }),
                score: count.nullable(),
                band: HealthRisk,
              })
              .meta({ id: "BacktestDeparture" }),
          )
          .meta({ description: "The newest 50 of them" }),
      })
      .meta({ description: "Whom nobody saw leaving" }),
    measures: z
      .array(
        z
          .object({
            measure: z.string().meta({ description: "Its key in the definition" }),
            coverage: share.meta({ description: "Part of the rows in which it was measured" }),
            alone: BacktestAuc.nullable().meta({ description: "What it tells by itself" }),
            contribution: difference.nullable().meta({
              description:
                "What the AUC of all measures loses without it; below 0 it gains. null without a weight",
            }),
          })
          .meta({ id: "BacktestMeasure" }),
      )
      .meta({ description: "Each measure alone, and what it adds" }),
    learned: z
      .object({
        auc: BacktestAuc.meta({ description: "On customers that they were not learned from" }),
        brier: z.number().meta({ description: "Mean squared error of its chances, 0 to 1" }),
        weights: z.record(z.string(), z.number()).meta({
          description: "Change of the log odds of leaving per standard deviation; below 0 it protects",
        }),
      })
      .nullable()
      .meta({ description: "What learned weights reach on customers they were not learned from" }),
    control: z
      .object({
        shuffles: count.meta({ description: "How often outcomes were dealt anew" }),
        mean: z.number().meta({ description: "Mean AUC of these, 0 to 1" }),
        ...interval,
        p_value: z.number().meta({ description: "How often chance alone reaches the score's AUC, 0 to 1" }),
        holds: z.boolean().meta({ description: "Whether the control is near 0.5, as it has to be" }),
      })
      .nullable()
      .meta({ description: "The AUC with outcomes dealt to other customers" }),
    leaks: z
      .array(
        z
          .object({
            measure: z.string().meta({ description: "Its key in the definition" }),
            kind: z.enum(["recorded_after_cut", "too_good", "missing_tells"]).meta({
              description:
                "Recorded behind the cut, alone too good to be honest, or missing just where somebody leaves",
            }),
            sentence: z.string().meta({ description: "The same in words" }),
          })
          .meta({ id: "BacktestLeak" }),
      )
      .meta({ description: "Measures that may know the outcome" }),
    comparison: z
      .object({
        versions: z.array(count).meta({ description: "The versions in use that scored these rows" }),
        verdict: z
          .enum(["better", "no_better", "too_few_departures"])
          .meta({ description: "`better` where the whole interval of the difference is above 0" }),
        sentence: z.string().meta({ description: "The same in words" }),
        tested: BacktestAuc.nullable().meta({ description: "Of the definition, where both give a score" }),
        in_use: BacktestAuc.nullable().meta({ description: "Of what is in use, on the same rows" }),
        difference: difference.nullable().meta({ description: "`tested` less `in_use`" }),
      })
      .nullable()
      .meta({ description: "With what was in use at the start; null where that is the definition itself" }),
    limits: z
      .array(
        z
          .object({
            kind: BacktestLimitKind,
            count: count.nullable().meta({ description: "How many, where that can be said" }),
            sentence: z.string().meta({ description: "The same in words" }),
          })
          .meta({ id: "BacktestLimit" }),
      )
      .meta({ description: "What history does not keep, and what was left out" }),
  })
  .meta({ id: "ScoreBacktestResult" });
export type ScoreBacktestResult = z.infer<typeof ScoreBacktestResult>;

const backtestFields = {
  id: z.uuid(),
  status: oneOf("ScoreBacktestStatus", ["pending", "running", "completed", "failed"]),
  progress: z
    .object({
      customers: count.nullable().meta({ description: "null until it is known" }),
      done: count.meta({ description: "Customers who were looked at" }),
    })
    .meta({ description: "How far it is" }),
  definition: z
    .object({
      id: z.uuid(),
      name: z.string(),
      version: count.nullable().meta({ description: "null for a draft" }),
      revision: count.meta({ description: "As it was when the back-test was started" }),
    })
    .meta({ description: "What is tested: as it was at the start, whatever becomes of it" }),
  horizon_days: count,
  cuts: z.array(calendarDate),
  segment: ScoreFilter,
  known_by: KnownBy,
  verdict: BacktestVerdict.nullable().meta({ description: "null until it is completed" }),
  sentence: z.string().nullable().meta({ description: "The verdict in words" }),
  error: z.string().nullable().meta({ description: "Why it has failed, for a person" }),
  created_at: timestamp,
  created_by: z.string().meta({ description: "Name of who started it" }),
  finished_at: timestamp.nullable(),
};

export const ScoreBacktestSummary = z.object(backtestFields).meta({ id: "ScoreBacktestSummary" });
export type ScoreBacktestSummary = z.infer<typeof ScoreBacktestSummary>;

export const ScoreBacktest = z
  .object({
    ...backtestFields,
    result: ScoreBacktestResult.nullable().meta({ description: "null until it is completed" }),
  })
  .meta({ id: "ScoreBacktest" });
export type ScoreBacktest = z.infer<typeof ScoreBacktest>;

export const ScoreBacktestFilter = z.object({
  limit: rowLimit(50, 20),
  cursor: z.string().max(1024).optional().meta({ description: "`next_cursor` of the page before" }),
});
export type ScoreBacktestFilter = z.infer<typeof ScoreBacktestFilter>;

const backtest = accepted(ScoreBacktest, ({ status }) => status === "pending" || status === "running");

export const scoreDefinitions = group(
  "score-definitions",
  "How health scores are calculated, by version",
  {
    list: get("/score-definitions", {
      summary: "All definitions: drafts, published and retired ones; the newest version first",
      access: "member",
      returns: z.object({ definitions: z.array(ScoreDefinition) }),
    }),
    create: post("/score-definitions", {
      summary: "Begin a draft",
      access: "admin",
      body: NewScoreDefinition,
      returns: created(ScoreDefinition),
      errors: [409],
    }),
    get: get("/score-definitions/{id}", {
      summary: "A definition",
      access: "member",
      returns: ScoreDefinition,
      errors: [404],
    }),
    update: put("/score-definitions/{id}", {
      summary: "Change a draft as a whole",
      access: "admin",
      body: NewScoreDefinition,
      returns: ScoreDefinition,
      errors: [404, 409, 412],
    }),
    remove: del("/score-definitions/{id}", {
      summary: "Delete a draft",
      access: "admin",
      returns: message,
      errors: [404, 409, 412],
    }),
    preview: post("/score-definitions/{id}/preview", {
      summary: "What a definition would say today: bands, and who changes band",
      access: "admin",
      costs: { quotas: ["jobs"] },
      returns: ScorePreview,
      errors: [404],
    }),
    publish: post("/score-definitions/{id}/publish", {
      summary: "Publish a draft under the next version; from the next score on it counts",
      access: "admin",
      returns: PublishedScoreDefinition,
      errors: [404, 409, 412],
    }),
    retire: post("/score-definitions/{id}/retire", {
      summary: "Take a published definition out of use; it stays readable",
      access: "admin",
      returns: ScoreDefinition,
      errors: [404, 409],
    }),
    startBacktest: post("/score-backtests", {
      summary: "Back-test a definition in the background: whether it tells who leaves",
      access: "admin",
      sees: "all",
      body: NewScoreBacktest,
      costs: { quotas: ["jobs"] },
      returns: backtest,
      errors: [404],
    }),
    listBacktests: get("/score-backtests", {
      summary: "List back-tests, newest first",
      access: "member",
      sees: "all",
      query: ScoreBacktestFilter,
      returns: z.object({
        backtests: z.array(ScoreBacktestSummary).meta({ description: "Without their results" }),
        limit: count,
        next_cursor: z.string().nullable().meta({ description: "Opaque; null on the last page" }),
      }),
    }),
    getBacktest: get("/score-backtests/{id}", {
      summary: "How a back-test goes, and what came of it",
      access: "member",
      sees: "all",
      returns: backtest,
      errors: [404],
    }),
    removeBacktest: del("/score-backtests/{id}", {
      summary: "Delete a back-test, also one that is at work",
      access: "admin",
      sees: "all",
      returns: message,
      errors: [404],
    }),
  },
  "/api/v1",
);
