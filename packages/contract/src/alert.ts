import * as z from "zod";
import { count, instant, line, optionalText, revision, text, timestamp, uuid } from "./values.ts";
import { AlertType, CustomerStatus, Severity } from "./vocabulary.ts";

export const Alert = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    customer_name: z.string().nullable(),
    alert_type: AlertType,
    severity: Severity,
    title: z.string(),
    description: z.string(),
    is_resolved: z.boolean(),
    resolved_by: z.string().nullable().meta({ description: "A person's name, or `system`" }),
    resolved_at: timestamp.nullable(),
    is_snoozed: z.boolean().meta({ description: "Unresolved, but left out of open counts for a while" }),
    snoozed_until: timestamp.nullable().meta({ description: "Null when it is not snoozed now" }),
    snoozed_by: z.string().nullable(),
    snooze_reason: z.string().nullable(),
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
  .object({ customer_id: uuid, ...fields, severity: Severity.default("medium") })
  .meta({ id: "NewAlert" });
export type NewAlert = z.infer<typeof NewAlert>;

/** Nothing of an alert can be empty, so null is refused. */
export const AlertChanges = z
  .object({
    ...z.object(fields).partial().shape,
    is_resolved: z
      .boolean()
      .optional()
      .meta({ description: "`true` resolves the alert, `false` opens it again" }),
    resolved_by: ignoredActor,
  })
  .meta({ id: "AlertChanges" });
export type AlertChanges = z.infer<typeof AlertChanges>;

const snoozeUntil = {
  snoozed_until: instant.nullish().meta({ description: "At most 90 days ahead" }),
  snooze_reason: optionalText(500).optional(),
};
const days = z.int().min(1).max(90);

export const Snooze = z
  .object({
    // The web client's dialog sends an object with `snoozed_until` in place of the days.
    snooze_days: z
      .union([days, z.object(snoozeUntil)], "must be a whole number from 1 to 90")
      .nullish()
      .meta({
        description: "From now on; goes before `snoozed_until`",
        override: { type: ["integer", "null"], minimum: 1, maximum: 90 },
      }),
    ...snoozeUntil,
    snoozed_by: ignoredActor,
  })
  .transform(({ snooze_days: given, snoozed_until, snooze_reason }) => {
    const nested = typeof given === "object" ? given : undefined;
    return {
      snooze_days: typeof given === "number" ? given : undefined,
      snoozed_until: nested?.snoozed_until ?? snoozed_until ?? undefined,
      snooze_reason: nested?.snooze_reason ?? snooze_reason ?? undefined,
    };
  })
  .refine(({ snooze_days, snoozed_until }) => snooze_days !== undefined || snoozed_until !== undefined, {
    path: ["snooze_days"],
    error: "is required, or snoozed_until instead",
  })
  .meta({ id: "Snooze" });
export type Snooze = z.infer<typeof Snooze>;

export const Resolution = z.object({ resolved_by: ignoredActor }).nullish();

const ID_COUNT = "must name 1 to 100 alerts";

export const BulkResolve = z
  .object({
    alert_ids: z.array(uuid).min(1, ID_COUNT).max(100, ID_COUNT),
    resolved_by: ignoredActor,
  })
  .meta({ id: "BulkResolve" });

export const BulkResolved = z
  .object({
    resolved_count: count.meta({ description: "Alerts that this call resolved, each counted once" }),
    already_resolved: z.array(z.uuid()),
    unknown: z.array(z.uuid()),
    message: z.string(),
  })
  .meta({ id: "BulkResolved" });
export type BulkResolved = z.infer<typeof BulkResolved>;
