import * as z from "zod";
import { created, del, get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page } from "./paging.ts";
import {
  eachSurveyType,
  FigureChange,
  Invitation,
  MeanFigure,
  NewSurvey,
  NewSurveyLink,
  NpsFigure,
  PublicSurvey,
  Survey,
  SurveyAnswer,
  SurveyFilter,
  SurveyLink,
} from "./surveys.ts";
import { count, message, timestamp } from "./values.ts";
import { Product, SurveyType } from "./vocabulary.ts";

/** Mean of the 1 to 5 scores, 2 decimals. */
const mean = z.number().nullable().meta({ description: "1 to 5, without NPS; null without such answers" });
const nps = z.int().min(-100).max(100).nullable().meta({
  description: "Of however few answers, null without any; `nps` says whether it may be shown",
});
const csatFigure = MeanFigure.meta({ description: "The 1 to 5 scores, without NPS" });
const percent = z.number().min(0).max(100).meta({ description: "1 decimal" });

const SurveyMonth = z
  .object({
    month: z.string().meta({ description: "YYYY-MM" }),
    average_score: mean,
    nps_score: nps,
    csat: csatFigure,
    nps: NpsFigure,
    response_count: count.meta({ description: "All types" }),
  })
  .meta({ id: "SurveyMonth" });

const SurveyTypeFigures = z
  .object({ count, average: z.number().meta({ description: "2 decimals" }), mean: MeanFigure })
  .meta({ id: "SurveyTypeFigures" });

const Keyword = z.object({ keyword: z.string(), count }).meta({ id: "Keyword" });

const ProductSatisfaction = z
  .object({
    product: Product,
    avg_score: mean,
    nps_score: nps,
    csat: csatFigure,
    nps: NpsFigure,
    csat_change: FigureChange.meta({ description: "Of the mean, of this month from the last" }),
    response_count: count.meta({ description: "All types" }),
    trend: z
      .number()
      .meta({ description: "Mean of this month less that of the last; 0 unless both have one" }),
    distribution: z.object({ "1": count, "2": count, "3": count, "4": count, "5": count }),
    recent_feedback: z
      .array(
        z.object({
          customer_name: z.string().nullable(),
          survey_type: SurveyType,
          score: z.int(),
          comment: z.string(),
          submitted_at: timestamp,
        }),
      )
      .meta({ description: "The newest five with text" }),
  })
  .meta({ id: "ProductSatisfaction" });

export const SurveyAnalytics = z
  .object({
    total_responses: count,
    avg_csat: mean,
    csat_trend: z
      .number()
      .meta({ description: "Mean of this month less that of the last; 0 unless both have one" }),
    nps_score: nps,
    nps_trend: z.int(),
    csat: csatFigure,
    csat_change: FigureChange.meta({ description: "Of the mean, of this month from the last" }),
    nps: NpsFigure,
    nps_change: FigureChange.meta({ description: "Of this month from the last, where both are shown" }),
    promoters_pct: percent,
    passives_pct: percent,
    detractors_pct: percent,
    promoters_count: count,
    passives_count: count,
    detractors_count: count,
    last_month_responses: count,
    response_rate: percent.meta({
      description: "Of all survey links ever made, how many have been answered; 1 decimal",
    }),
    by_product: z.array(ProductSatisfaction).meta({ description: "Answers about a deployment" }),
    by_survey_type: eachSurveyType(SurveyTypeFigures)
      .partial()
      .meta({ description: "Types without answers are left out; each average is on the type's own scale" }),
    monthly_trend: z
      .array(SurveyMonth)
      .meta({ description: "Months of the last 365 days that have answers" }),
    top_themes: z.object({ positive: z.array(Keyword), negative: z.array(Keyword) }).nullable(),
  })
  .meta({ id: "SurveyAnalytics" });
export type SurveyAnalytics = z.infer<typeof SurveyAnalytics>;

export const SurveySummary = z
  .object({
    customer_id: z.uuid(),
    customer_name: z.string(),
    total_responses: count,
    total_surveys: count.meta({ description: "`total_responses` again" }),
    average_csat: mean,
    avg_csat: mean.meta({ description: "`average_csat` again" }),
    nps_score: nps,
    csat: csatFigure,
    nps: NpsFigure,
    low_scores: count.meta({ description: "Answers low enough for an alert: NPS up to 6, others up to 2" }),
    response_count_by_type: eachSurveyType(count).partial(),
    score_trend: z.array(SurveyMonth).meta({ description: "Months of the last 180 days that have answers" }),
    recent_feedback: z
      .array(
        z.object({
          id: z.uuid(),
          survey_type: SurveyType,
          score: z.int(),
          feedback: z.string().nullable(),
          submitted_at: timestamp,
          submitted_by: z.string(),
        }),
      )
      .meta({ description: "The newest five, with or without text" }),
  })
  .meta({ id: "SurveySummary" });
export type SurveySummary = z.infer<typeof SurveySummary>;

/** Any text: one that is no token of ours is answered like a token that was never given out. */
const token = z.string().meta({ description: "From the link that the customer got" });

export const csat = group("csat", "What customers answer in surveys", {
  list: get("/", {
    summary: "List answers, newest first",
    access: "member",
    query: SurveyFilter,
    returns: page("surveys", Survey),
  }),
  create: post("/", {
    summary: "Record an answer",
    access: "member",
    body: NewSurvey,
    returns: created(Survey),
    errors: [404],
  }),
  analytics: get("/analytics", {
    summary: "Satisfaction over all customers",
    access: "member",
    returns: SurveyAnalytics,
  }),
  createLink: post("/survey-link", {
    summary: "Make a link through which a customer answers once, and mail it when asked to",
    access: "manager",
    body: NewSurveyLink,
    costs: { quotas: ["mails"], when: "send_to" },
    returns: SurveyLink,
    errors: [404, 409],
  }),
  revokeLink: del("/survey-link/{id}", {
    summary: "Revoke a link that nobody has answered",
    access: "manager",
    returns: message,
    errors: [404, 409],
  }),
  publicInfo: get("/public/info/{token}", {
    summary: "What the holder of a link is asked",
    access: "public",
    params: { token },
    returns: Invitation,
    errors: [404, 409, 410, 429],
  }),
  publicSubmit: post("/public/submit/{token}", {
    summary: "Answer through a link, once",
    access: "public",
    params: { token },
    body: SurveyAnswer,
    returns: PublicSurvey,
    errors: [404, 409, 410, 429],
  }),
  summary: get("/customer/{customer_id}/summary", {
    summary: "Satisfaction of a customer",
    access: "member",
    returns: SurveySummary,
    errors: [404],
  }),
  get: get("/{survey_id}", {
    summary: "An answer",
    access: "member",
    returns: Survey,
    errors: [404],
  }),
});
