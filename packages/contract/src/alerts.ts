import * as z from "zod";
import { timestamp } from "./values.ts";
import { AlertType, Severity } from "./vocabulary.ts";

export const Alert = z
  .object({
    id: z.uuid(),
    customer_id: z.uuid(),
    alert_type: AlertType,
    severity: Severity,
    title: z.string(),
    description: z.string(),
    is_resolved: z.boolean(),
    resolved_by: z.string().nullable(),
    resolved_at: timestamp.nullable(),
    created_at: timestamp,
  })
  .meta({ id: "Alert" });
export type Alert = z.infer<typeof Alert>;
