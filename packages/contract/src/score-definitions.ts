import * as z from "zod";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { BandCounts } from "./scores.ts";
import { count, line, message, optionalText, timestamp, wholeNumber } from "./values.ts";
import { CustomerStatus, HealthRisk, MeasureSource, Product } from "./vocabulary.ts";

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
        .min(1)
        .max(10),
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

/** Which customers a definition is for: those who pass all that is named. */
export const ScoreFilter = z
  .strictObject({
    industries: z.array(line(100)).min(1).max(50).optional(),
    segments: z.array(ValueSegment).min(1).max(4).optional(),
    products: z.array(Product).min(1).max(3).optional(),
    statuses: z.array(CustomerStatus).min(1).max(4).optional(),
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

/** What is wrong with a definition as a whole: a field, and a sentence. */
function contradictionOf({
  measures,
  bands,
}: Pick<ScoreDefinitionContent, "measures" | "bands">):
  | readonly [field: string, message: string]
  | undefined {
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
  const endless = measures.find(
    ({ source, window_days }) => window_days === null && EVENT_SOURCES.has(source),
  );
  if (endless) return ["measures", "must have window_days where they count what happened"];
  return undefined;
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

export const scoreDefinitions = group("score-definitions", "How health scores are calculated, by version", {
  list: get("/", {
    summary: "All definitions: drafts, published and retired ones; the newest version first",
    access: "member",
    returns: z.object({ definitions: z.array(ScoreDefinition) }),
  }),
  create: post("/", {
    summary: "Begin a draft",
    access: "admin",
    body: NewScoreDefinition,
    returns: created(ScoreDefinition),
    errors: [409],
  }),
  get: get("/{id}", {
    summary: "A definition",
    access: "member",
    returns: ScoreDefinition,
    errors: [404],
  }),
  update: put("/{id}", {
    summary: "Change a draft as a whole",
    access: "admin",
    body: NewScoreDefinition,
    returns: ScoreDefinition,
    errors: [404, 409, 412],
  }),
  remove: del("/{id}", {
    summary: "Delete a draft",
    access: "admin",
    returns: message,
    errors: [404, 409, 412],
  }),
  preview: post("/{id}/preview", {
    summary: "What a definition would say today: bands, and who changes band",
    access: "admin",
    costs: { quotas: ["jobs"] },
    returns: ScorePreview,
    errors: [404],
  }),
  publish: post("/{id}/publish", {
    summary: "Publish a draft under the next version; from the next score on it counts",
    access: "admin",
    returns: ScoreDefinition,
    errors: [404, 409, 412],
  }),
  retire: post("/{id}/retire", {
    summary: "Take a published definition out of use; it stays readable",
    access: "admin",
    returns: ScoreDefinition,
    errors: [404, 409],
  }),
});
