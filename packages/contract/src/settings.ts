import * as z from "zod";
import { del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { paging } from "./paging.ts";
import {
  alerts,
  branding,
  notifications,
  outcomeReasons,
  reports,
  security,
  tickets,
} from "./setting-sections.ts";
import { count, email, message, timestamp } from "./values.ts";
import { SuppressionKind, SuppressionReason } from "./vocabulary.ts";

// Apart, because rules and jobs go by the sections and need no endpoints.
export * from "./setting-sections.ts";

const Status = z.enum(["ok", "degraded", "down", "unknown"]);

/** A part of the system, and what a person is told of it. */
const check = <S extends Readonly<Record<string, z.ZodType>>>(figures: S) =>
  z.object({
    status: Status.meta({ description: "`unknown` where nobody can tell; it counts for nothing" }),
    detail: z.string(),
    ...figures,
  });

const milliseconds = count.nullable();

export const SystemHealth = z
  .object({
    status: z.enum(["ok", "degraded", "down"]).meta({ description: "`down` when the table is" }),
    checked_at: timestamp,
    checks: z.object({
      table: check({ latency_ms: milliseconds }),
      stream: check({
        lag_ms: milliseconds.meta({ description: "How long a change took until it was counted; at least" }),
      }),
      dead_letters: check({
        depth: count.nullable().meta({ description: "Events that nobody could handle" }),
      }),
      jobs: check({
        jobs: z.array(
          z
            .object({
              id: z.string(),
              name: z.string(),
              state: z.enum(["running", "completed", "failed", "never_ran"]),
              last_run: timestamp.nullable(),
              next_run: timestamp.nullable(),
              is_late: z.boolean().meta({ description: "It should have run again since" }),
            })
            .meta({ id: "JobHealth" }),
        ),
      }),
      migrations: check({
        pending: z
          .array(z.string())
          .meta({ description: "Changes of stored data that this version needs and that are not done" }),
      }),
      mail: check({}),
      files: check({ latency_ms: milliseconds }),
    }),
  })
  .meta({ id: "SystemHealth" });
export type SystemHealth = z.infer<typeof SystemHealth>;

/** An address that gets no mail from us, or no surveys, and why. */
export const Suppression = z
  .object({
    id: z.uuid().meta({ description: "For lifting it" }),
    email: z.string(),
    kind: SuppressionKind.meta({
      description:
        "`surveys`: its owner unsubscribed from surveys and gets all other mail. An address may be listed with both kinds",
    }),
    reason: SuppressionReason,
    detail: z.string().meta({ description: "For a person" }),
    suppressed_at: timestamp,
    expires_at: timestamp.nullable().meta({ description: "When it ends by itself; null for never" }),
  })
  .meta({ id: "Suppression" });
export type Suppression = z.infer<typeof Suppression>;

/** Base64 of 512 KB; a body may have 1 MiB. */
const MAX_PICTURE = 700_000;

export const NewLogo = z
  .object({
    content: z
      .base64("must be Base64")
      .min(1, "must not be empty")
      .max(MAX_PICTURE, "must be at most 512 KB")
      .meta({ description: "A PNG or an SVG, in Base64" }),
  })
  .meta({ id: "NewLogo" });

/** A picture as it is kept: a PNG that fits into 600 × 160, made anew from what was uploaded. */
export const Logo = z
  .object({
    logo: z.string().meta({ description: "For `PUT /settings/branding`" }),
    url: z.string().meta({ description: "Where everybody can load it" }),
    width: count.meta({ description: "In pixels" }),
    height: count.meta({ description: "In pixels" }),
    bytes: count,
  })
  .meta({ id: "Logo" });
export type Logo = z.infer<typeof Logo>;

const { limit, cursor } = paging(100, 50);

export const SuppressionFilter = z.object({
  limit,
  cursor,
  email: email.optional().meta({ description: "This address alone, in any spelling" }),
});
export type SuppressionFilter = z.infer<typeof SuppressionFilter>;

export const settings = group("settings", "What an admin sets for the whole team", {
  alerts: get("/alerts", {
    summary: "When alerts open, and who gets mails about them",
    access: "member",
    returns: alerts.answer,
  }),
  updateAlerts: put("/alerts", {
    summary: "Change when alerts open, from the next check and score on",
    access: "admin",
    body: alerts.changes,
    returns: alerts.answer,
    errors: [409, 412],
  }),
  reports: get("/reports", {
    summary: "What reports carry, and who gets them",
    access: "member",
    returns: reports.answer,
  }),
  updateReports: put("/reports", {
    summary: "Change what reports carry, from the next one on",
    access: "admin",
    body: reports.changes,
    returns: reports.answer,
    errors: [409, 412],
  }),
  branding: get("/branding", {
    summary: "Name, logo and color of who asks and reports",
    access: "member",
    returns: branding.answer,
  }),
  updateBranding: put("/branding", {
    summary: "Change name, logo and color, from the next mail, page and report on",
    access: "admin",
    body: branding.changes,
    returns: branding.answer,
    errors: [409, 412],
  }),
  uploadLogo: post("/branding/logos", {
    summary: "Upload a logo; it shows once `PUT /settings/branding` names it",
    access: "admin",
    body: NewLogo,
    returns: Logo,
  }),
  notifications: get("/notifications", {
    summary: "Which mails the team gets, and who gets them",
    access: "member",
    returns: notifications.answer,
  }),
  systemHealth: get("/system/health", {
    summary: "How the parts of the system are; asks each of them for two seconds at most",
    access: "admin",
    returns: SystemHealth,
  }),
  updateNotifications: put("/notifications", {
    summary: "Change which mails the team gets",
    access: "admin",
    body: notifications.changes,
    returns: notifications.answer,
    errors: [409, 412],
  }),
  tickets: get("/tickets", {
    summary: "How fast tickets are to be answered and resolved",
    access: "member",
    returns: tickets.answer,
  }),
  suppressions: get("/suppressions", {
    summary:
      "Addresses that get no mail, because it bounced or was reported as spam, and those that unsubscribed from surveys; newest first",
    access: "admin",
    query: SuppressionFilter,
    returns: z.object({
      suppressions: z.array(Suppression),
      limit: count,
      next_cursor: z.string().nullable().meta({ description: "Opaque; null on the last page" }),
    }),
  }),
  liftSuppression: del("/suppressions/{id}", {
    summary: "Let mail go to an address again; for one that unsubscribed, surveys",
    access: "admin",
    returns: message,
    errors: [404],
  }),
  security: get("/security", {
    summary: "How people of the team get in",
    access: "member",
    people: true,
    returns: security.answer,
  }),
  updateSecurity: put("/security", {
    summary: "Change who has to have a second factor",
    access: "admin",
    body: security.changes,
    returns: security.answer,
    errors: [409, 412],
  }),
  updateTickets: put("/tickets", {
    summary: "Change how fast tickets are to be answered, from the next ticket or change of a priority on",
    access: "admin",
    body: tickets.changes,
    returns: tickets.answer,
    errors: [409, 412],
  }),
  outcomes: get("/outcomes", {
    summary: "Why customers leave, pay less or more: the reasons that outcomes name",
    access: "member",
    returns: outcomeReasons.answer,
  }),
  updateOutcomes: put("/outcomes", {
    summary: "Change the reasons that outcomes name; what is left out is archived",
    access: "admin",
    body: outcomeReasons.changes,
    returns: outcomeReasons.answer,
    errors: [409, 412],
  }),
});
