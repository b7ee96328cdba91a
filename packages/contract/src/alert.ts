import * as z from "zod";
import { revision, timestamp } from "./values.ts";
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
