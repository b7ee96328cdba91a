import * as z from "zod";
import { Alert } from "./alert.ts";
import { Customer } from "./customer.ts";
import { Interaction } from "./interactions.ts";
import { ScoreSummary } from "./scores.ts";
import { Survey } from "./surveys.ts";
import { calendarDate, count, timestamp } from "./values.ts";
import { Environment, Product } from "./vocabulary.ts";

export const CustomerDetail = z
  .object({
    customer: Customer,
    product_deployments: z.array(
      z.object({
        id: z.uuid(),
        product_name: Product,
        deployment_date: calendarDate,
        version: z.string(),
        environment: Environment,
        license_type: z.string(),
        license_expiry: calendarDate,
        is_active: z.boolean(),
      }),
    ),
    health_scores_per_product: z.array(
      z.object({
        product_name: Product,
        deployment_id: z.uuid(),
        latest_health_score: ScoreSummary.nullable(),
      }),
    ),
    overall_health_score: ScoreSummary.nullable(),
    recent_interactions: z.array(
      Interaction.pick({
        id: true,
        interaction_type: true,
        subject: true,
        description: true,
        sentiment: true,
        performed_by: true,
        interaction_date: true,
        follow_up_required: true,
      }).meta({ id: "RecentInteraction" }),
    ),
    active_alerts: z.array(
      Alert.pick({
        id: true,
        alert_type: true,
        severity: true,
        title: true,
        description: true,
        is_resolved: true,
        created_at: true,
      }).meta({ id: "ActiveAlert" }),
    ),
    csat_summary: z.object({
      total_surveys: count,
      average_score: z.number().nullable().meta({ description: "Mean of the 1 to 5 scores; NPS apart" }),
      nps_score: z.int().min(-100).max(100).nullable(),
      recent_surveys: z.array(
        Survey.pick({
          id: true,
          survey_type: true,
          score: true,
          feedback_text: true,
          submitted_by_name: true,
          submitted_at: true,
        }).meta({ id: "RecentSurvey" }),
      ),
    }),
  })
  .meta({ id: "CustomerDetail" });
export type CustomerDetail = z.infer<typeof CustomerDetail>;

export const TimelineItem = z
  .object({
    type: z.enum(["interaction", "csat_survey", "health_score", "alert"]),
    id: z.uuid(),
    date: timestamp,
    title: z.string(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: "TimelineItem" });
export type TimelineItem = z.infer<typeof TimelineItem>;
