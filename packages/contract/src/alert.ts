import * as z from "zod";
import { count, instant, line, optionalText, revision, text, timestamp, uuid } from "./values.ts";
import { AlertType, CustomerStatus, Severity } from "./vocabulary.ts";

export const Alert = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid().nullable().meta({ description: "null when it is about no customer" }),
    customer_name: z.string().nullable(),
    alert_type: AlertType,
    severity: Severity,
    title: z.string(),
    description: z.string(),
    is_resolved: z.boolean(),
    resolved_by: z.string().nullable().meta({ description: "A person's name, or `system`" }),
    resolved_by_name: z.string().nullable().meta({ description: "`resolved_by` again" }),
    resolved_at: timestamp.nullable(),
    resolution_notes: z.string().nullable(),
    is_snoozed: z.boolean().meta({ description: "Unresolved, but left out of open counts for a while" }),
    snoozed_until: timestamp.nullable().meta({ description: "Null when it is not snoozed now" }),
    snoozed_by: z.string().nullable(),
    snooze_reason: z.string().nullable(),
    unsnooze_reason: z
      .string()
      .nullable()
      .meta({ description: "Why it was back before its snooze had ended; null unless it was" }),
    created_by: z.string().meta({ description: "A person's name, or `system`" }),
    created_at: timestamp,
    updated_at: timestamp,
    revision,
  })
  .meta({ id: "Alert" });
export type Alert = z.infer<typeof Alert>;

export const AlertDetail = z
  .object({
    ...Alert.shape,
    customer: z
      .object({
        id: z.uuid(),
        company_name: z.string(),
        contact_name: z.string().nullable(),
        contact_email: z.string().nullable(),
        account_manager: z.string().nullable(),
        status: CustomerStatus,
      })
      .nullable(),
  })
  .meta({ id: "AlertDetail" });
export type AlertDetail = z.infer<typeof AlertDetail>;

/** Who changes an alert is known from the token (decision 18). */
const ignoredActor = z
  .unknown()
  .optional()
  .meta({ description: "Accepted and ignored: it is the signed-in user", deprecated: true });

const fields = {
  alert_type: AlertType,
  severity: Severity,
  title: line(500),
  description: text(5000),
};

export const NewAlert = z
  .object({
    customer_id: z
      .union([uuid, z.null(), z.literal("")], "must be a UUID")
      .transform((id) => id || null)
      .meta({
        description: "null for an alert that is about no customer",
        override: { type: ["string", "null"], format: "uuid" },
      }),
    ...fields,
    severity: Severity.default("medium"),
  })
  .meta({ id: "NewAlert" });
export type NewAlert = z.infer<typeof NewAlert>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A body in which the web client's dialogs may send an object with some fields in place of one field: `{resolved_by:
 * {resolution_notes}}` is read as `{resolution_notes}`. The docs show the flat form.
 */
const unnested = <T extends z.ZodType>(field: string, nested: readonly string[], flat: T) =>
  z.preprocess((body) => {
    if (!isObject(body) || !isObject(body[field])) return body;
    const inner = body[field];
    const { [field]: _, ...rest } = body;
    return {
      ...rest,
      ...Object.fromEntries(nested.flatMap((key) => (key in inner ? [[key, inner[key]]] : []))),
    };
  }, flat);

const resolution_notes = optionalText(2000).optional();

/** Nothing else of an alert can be empty, so null is refused. */
export const AlertChanges = unnested(
  "resolved_by",
  ["resolution_notes"],
  z
    .object({
      ...z.object(fields).partial().shape,
      is_resolved: z
        .boolean()
        .optional()
        .meta({ description: "`true` resolves the alert, `false` opens it again" }),
      resolution_notes: resolution_notes.meta({ description: "Kept when it resolves the alert" }),
      resolved_by: ignoredActor,
    })
    .meta({ id: "AlertChanges" }),
);
export type AlertChanges = z.infer<typeof AlertChanges>;

const snooze = {
  snooze_days: z
    .int()
    .min(1)
    .max(90)
    .nullish()
    .meta({ description: "From now on; goes before `snoozed_until`" }),
  snoozed_until: instant.nullish().meta({ description: "At most 90 days ahead" }),
  snooze_reason: optionalText(500).optional(),
  snoozed_by: ignoredActor,
};

type SnoozeFields = Pick<
  z.output<z.ZodObject<typeof snooze>>,
  "snooze_days" | "snoozed_until" | "snooze_reason"
>;

const withoutNull = ({ snooze_days, snoozed_until, snooze_reason }: SnoozeFields) => ({
  snooze_days: snooze_days ?? undefined,
  snoozed_until: snoozed_until ?? undefined,
  snooze_reason: snooze_reason ?? undefined,
});

const hasEnd = ({ snooze_days, snoozed_until }: SnoozeFields) =>
  snooze_days !== undefined || snoozed_until !== undefined;
const NO_END = { path: ["snooze_days"], error: "is required, or snoozed_until instead" };

/** What the web client's dialog sends in place of the days. */
const IN_PLACE_OF_DAYS = ["snoozed_until", "snooze_reason"];

export const Snooze = unnested(
  "snooze_days",
  IN_PLACE_OF_DAYS,
  z.object(snooze).transform(withoutNull).refine(hasEnd, NO_END).meta({ id: "Snooze" }),
);
export type Snooze = z.infer<typeof Snooze>;

export const Resolution = unnested(
  "resolved_by",
  ["resolution_notes"],
  z.object({ resolution_notes, resolved_by: ignoredActor }).nullish(),
);
export type Resolution = z.infer<typeof Resolution>;

const ID_COUNT = "must name 1 to 100 alerts";
const alert_ids = z.array(uuid).min(1, ID_COUNT).max(100, ID_COUNT);

/** What the web client's dialogs send in place of the ids is read as the whole body. */
export const BulkResolve = unnested(
  "alert_ids",
  ["alert_ids", "resolution_notes"],
  unnested(
    "resolved_by",
    ["resolution_notes"],
    z.object({ alert_ids, resolution_notes, resolved_by: ignoredActor }).meta({ id: "BulkResolve" }),
  ),
);
export type BulkResolve = z.infer<typeof BulkResolve>;

export const BulkSnooze = unnested(
  "alert_ids",
  ["alert_ids", "snooze_days", ...IN_PLACE_OF_DAYS],
  unnested(
    "snooze_days",
    IN_PLACE_OF_DAYS,
    z
      .object({ alert_ids, ...snooze })
      .transform(({ alert_ids, ...fields }) => ({ alert_ids, ...withoutNull(fields) }))
      .refine(hasEnd, NO_END)
      .meta({ id: "BulkSnooze" }),
  ),
);
export type BulkSnooze = z.infer<typeof BulkSnooze>;

const bulk = { already_resolved: z.array(z.uuid()), unknown: z.array(z.uuid()), message: z.string() };

export const BulkResolved = z
  .object({
    resolved_count: count.meta({ description: "Alerts that this call resolved, each counted once" }),
    ...bulk,
  })
  .meta({ id: "BulkResolved" });
export type BulkResolved = z.infer<typeof BulkResolved>;

export const BulkSnoozed = z.object({ snoozed_count: count, ...bulk }).meta({ id: "BulkSnoozed" });
export type BulkSnoozed = z.infer<typeof BulkSnoozed>;
