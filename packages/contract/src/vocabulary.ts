import * as z from "zod";

const oneOf = <const V extends readonly [string, ...string[]]>(id: string, values: V) =>
  z.enum(values, `must be one of ${values.join(", ")}`).meta({ id });

/**
 * A vocabulary as callers write it: its own words, and other words for them. Answers name its own alone.
 *
 * @param aliases the word that is meant, by the other word for it
 */
export const withAliases = <const V extends string, const K extends string>(
  vocabulary: { readonly options: readonly V[] },
  aliases: Readonly<Record<K, V>>,
) => {
  const others = Object.keys(aliases) as K[];
  const told = others.map((other) => `\`${other}\` as \`${aliases[other]}\``).join(", ");
  return z
    .union(
      [z.enum(vocabulary.options), z.enum(others).transform((other): V => aliases[other])],
      `must be one of ${vocabulary.options.join(", ")}`,
    )
    .meta({
      description: `Also taken: ${told}`,
      override: { type: "string", enum: [...vocabulary.options] },
    });
};

export const Role = oneOf("Role", ["admin", "manager", "viewer"]);
export type Role = z.infer<typeof Role>;

/** What an API key may be allowed: to read a group of the API, or to change what stands there. None is for admins. */
export const Scope = oneOf("Scope", [
  "customers:read",
  "customers:write",
  "deployments:read",
  "deployments:write",
  "health-scores:read",
  "health-scores:write",
  "score-definitions:read",
  "outcomes:read",
  "outcomes:write",
  "dashboard:read",
  "csat:read",
  "csat:write",
  "survey-requests:read",
  "survey-requests:write",
  "alerts:read",
  "alerts:write",
  "interactions:read",
  "interactions:write",
  "tickets:read",
  "tickets:write",
  "reports:read",
  "reports:write",
  "scheduler:read",
  "settings:read",
]);
export type Scope = z.infer<typeof Scope>;

/** A role as callers write it: the web client calls a viewer `user`. */
export const RoleInput = z
  .enum([...Role.options, "user"], `must be one of ${Role.options.join(", ")}`)
  .transform((name): Role => (name === "user" ? "viewer" : name))
  .meta({
    description: "`user` is taken as `viewer`",
    override: { type: "string", enum: [...Role.options] },
  });

/** Whose customers a user sees: all, those of their team, or those whose account manager they are. */
export const CustomerAccess = oneOf("CustomerAccess", ["all", "team", "owned"]);
export type CustomerAccess = z.infer<typeof CustomerAccess>;

export const CustomerStatus = oneOf("CustomerStatus", ["active", "at_risk", "churned", "onboarding"]);
export type CustomerStatus = z.infer<typeof CustomerStatus>;

export const Product = oneOf("Product", ["MonetX", "SupportX", "GreenX"]);
export type Product = z.infer<typeof Product>;

export const Environment = oneOf("Environment", ["cloud", "on_premise", "hybrid"]);
export type Environment = z.infer<typeof Environment>;

export const ScoreTrend = oneOf("ScoreTrend", ["improving", "stable", "declining"]);
export type ScoreTrend = z.infer<typeof ScoreTrend>;

export const RiskLevel = oneOf("RiskLevel", ["low", "medium", "high", "critical"]);
export type RiskLevel = z.infer<typeof RiskLevel>;

export const InteractionType = oneOf("InteractionType", [
  "support_ticket",
  "meeting",
  "email",
  "call",
  "escalation",
  "training",
]);
export type InteractionType = z.infer<typeof InteractionType>;

export const Sentiment = oneOf("Sentiment", ["positive", "neutral", "negative"]);
export type Sentiment = z.infer<typeof Sentiment>;

export const SurveyType = oneOf("SurveyType", [
  "post_ticket",
  "quarterly",
  "nps",
  "onboarding",
  "general_feedback",
  "product_feedback",
]);
export type SurveyType = z.infer<typeof SurveyType>;

/** What a back-test takes as known on a day: what had been recorded by its end, or what had happened. */
export const KnownBy = oneOf("KnownBy", ["recorded", "happened"]);
export type KnownBy = z.infer<typeof KnownBy>;

export const BacktestVerdict = oneOf("BacktestVerdict", [
  "better_than_chance",
  "no_better_than_chance",
  "too_few_departures",
]);
export type BacktestVerdict = z.infer<typeof BacktestVerdict>;

export const AlertType = oneOf("AlertType", [
  "health_drop",
  "contract_expiry",
  "low_csat",
  "escalation",
  "inactivity",
  "usage_drop",
  "custom",
]);
export type AlertType = z.infer<typeof AlertType>;

export const Severity = oneOf("Severity", ["low", "medium", "high", "critical"]);
export type Severity = z.infer<typeof Severity>;

export const ReportType = oneOf("ReportType", [
  "health_summary",
  "csat_analysis",
  "customer_overview",
  "executive_summary",
  "score_backtest",
]);
export type ReportType = z.infer<typeof ReportType>;

export const ReportFrequency = oneOf("ReportFrequency", ["daily", "weekly", "monthly", "quarterly"]);
export type ReportFrequency = z.infer<typeof ReportFrequency>;

export const ReportStatus = oneOf("ReportStatus", ["pending", "generating", "completed", "failed"]);
export type ReportStatus = z.infer<typeof ReportStatus>;

/**
 * What became of a mail. `sent`: the mail service took it; what it tells us later is `delivered`, `soft_bounced` (given
 * up for now, such as by a full mailbox), `bounced` (refused for good), `complained` (reported as spam) or `rejected`
 * (not passed on). `suppressed`: not sent, because the address had bounced or its owner complained. `failed`: surely not
 * sent. `unknown`: the mail service has not said whether it took it, so it may have gone out.
 */
export const MailStatus = oneOf("MailStatus", [
  "sent",
  "delivered",
  "soft_bounced",
  "bounced",
  "complained",
  "rejected",
  "suppressed",
  "failed",
  "unknown",
]);
export type MailStatus = z.infer<typeof MailStatus>;

/** Why an address gets no mail; `unsubscribed`: no surveys, and all else. */
export const SuppressionReason = oneOf("SuppressionReason", [
  "bounced",
  "complained",
  "unsubscribed",
  "erased",
]);
export type SuppressionReason = z.infer<typeof SuppressionReason>;

/** Which mail an address does not get. */
export const SuppressionKind = oneOf("SuppressionKind", ["all", "surveys"]);
export type SuppressionKind = z.infer<typeof SuppressionKind>;

/** Languages in which customers are asked (BCP 47); Arabic is written from right to left. */
export const Language = oneOf("Language", ["en", "de", "fr", "es", "ar"]);
export type Language = z.infer<typeof Language>;

export const TicketPriority = oneOf("TicketPriority", ["low", "medium", "high", "critical"]);
export type TicketPriority = z.infer<typeof TicketPriority>;

export const TicketStatus = oneOf("TicketStatus", ["open", "in_progress", "waiting", "resolved", "closed"]);
export type TicketStatus = z.infer<typeof TicketStatus>;

/** Whether somebody still has to do something about a ticket of this status. */
export const isOpenStatus = (status: TicketStatus) => status !== "resolved" && status !== "closed";

/**
 * What a measure looks at. The first four are the components of decision 12, from 0 to 100. Of the others:
 *
 * | Source | Value | Measured when |
 * | --- | --- | --- |
 * | `products` | distinct products in use | always |
 * | `contacts` | 15 a meeting or training, 10 a call, 5 an e-mail | there was one of them |
 * | `support_load` | 2 a support ticket, 5 more a negative one, 10 an escalation | there was any interaction |
 * | `escalations` | how many | there was any interaction |
 * | `open_escalations` | how many have an open alert | always |
 * | `sentiment` | positive less negative interactions, in percent of all | there was any interaction |
 * | `satisfaction` | mean of survey responses, 0 to 100 | there was a response |
 * | `days_since_contact` | days since the newest interaction | there was any interaction |
 * | `days_to_contract_end`, `contract_age_days` | days | the date is known |
 */
export const MeasureSource = oneOf("MeasureSource", [
  "adoption",
  "engagement",
  "support",
  "financial",
  "products",
  "contacts",
  "support_load",
  "escalations",
  "open_escalations",
  "sentiment",
  "satisfaction",
  "days_since_contact",
  "days_to_contract_end",
  "contract_age_days",
]);
export type MeasureSource = z.infer<typeof MeasureSource>;

/** A band of risk, or that too little is known to say. */
export const HealthRisk = oneOf("HealthRisk", ["low", "medium", "high", "critical", "unknown"]);
export type HealthRisk = z.infer<typeof HealthRisk>;
/** What became of a customer. */
export const OutcomeKind = oneOf("OutcomeKind", [
  "churned",
  "contracted",
  "renewed",
  "expanded",
  "reactivated",
]);
export type OutcomeKind = z.infer<typeof OutcomeKind>;

const OPEN_STAGES = ["not_started", "in_discussion", "proposal", "verbal_commitment"] as const;

/** How far a renewal that has not ended is. */
export const OpenRenewalStage = oneOf("OpenRenewalStage", OPEN_STAGES);
export type OpenRenewalStage = z.infer<typeof OpenRenewalStage>;

/** How far a renewal is, or how it ended. */
export const RenewalStage = oneOf("RenewalStage", [...OPEN_STAGES, "renewed", "lost"]);
export type RenewalStage = z.infer<typeof RenewalStage>;

/** What a reason of an outcome is known by, whatever it is called. */
export const ReasonId = z
  .string()
  .regex(/^[a-z0-9]+(?:_[a-z0-9]+)*$/, "must be small letters, digits and single underscores")
  .max(60, "must be at most 60 characters")
  .meta({ id: "ReasonId" });
export type ReasonId = z.infer<typeof ReasonId>;

/** The reason of an outcome for which nobody has named one. */
export const UNSPECIFIED: ReasonId = "unspecified";

/** Why a score moved: another definition, what is too old to count by now, the calendar, corrected records, what happened, or a score that somebody has set. */
export const MovementKind = z
  .enum(["behaviour", "aged_out", "calendar", "data", "definition", "override"])
  .meta({ id: "MovementKind" });
export type MovementKind = z.infer<typeof MovementKind>;

/** Why somebody knows better than the calculation. */
export const OverrideReason = z
  .enum(["known_risk", "known_intent", "data_wrong", "relationship", "other"])
  .meta({ id: "OverrideReason" });
export type OverrideReason = z.infer<typeof OverrideReason>;
