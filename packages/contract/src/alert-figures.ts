import * as z from "zod";
import { Alert } from "./alert.ts";
import { count } from "./values.ts";

const bySeverity = <T extends z.ZodType>(value: T) =>
  z.object({ low: value, medium: value, high: value, critical: value });

export const AlertDashboard = z
  .object({
    total_unresolved: count.meta({ description: "Without snoozed ones, as all open counts" }),
    snoozed: count,
    by_severity: bySeverity(count),
    by_type: z.object({
      health_drop: count,
      contract_expiry: count,
      low_csat: count,
      escalation: count,
      inactivity: count,
    }),
    recent_critical_alerts: z
      .array(
        Alert.pick({
          id: true,
          customer_id: true,
          customer_name: true,
          alert_type: true,
          severity: true,
          title: true,
          created_at: true,
        }).meta({ id: "RecentAlert" }),
      )
      .meta({ description: "The newest ten open ones of the last 7 days, high or critical" }),
    created_today: count,
    resolved_today: count,
  })
  .meta({ id: "AlertDashboard" });
export type AlertDashboard = z.infer<typeof AlertDashboard>;

export const AlertStats = z
  .object({
    total_alerts: count,
    unresolved: count.meta({ description: "Without snoozed ones" }),
    snoozed: count,
    resolved: count,
    created_last_7_days: count.meta({ description: "Today and the six days before, in UTC" }),
    avg_resolution_hours: z.number().nullable(),
    by_severity: bySeverity(z.object({ total: count, unresolved: count })),
    /** For the badge of the web client: unresolved alerts of each severity. */
    ...bySeverity(count).shape,
  })
  .meta({ id: "AlertStats" });
export type AlertStats = z.infer<typeof AlertStats>;

const countsByCheck = z.object({ contract_expiry: count, license_expiry: count, inactivity: count });

export const ChecksRun = z
  .object({
    message: z.string(),
    alerts_created: countsByCheck,
    alerts_updated: countsByCheck,
    alerts_resolved: countsByCheck,
  })
  .meta({ id: "ChecksRun" });
export type ChecksRun = z.infer<typeof ChecksRun>;
