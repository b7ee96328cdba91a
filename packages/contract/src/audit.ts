import * as z from "zod";
import { get } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { inOrder, paging, rowLimit } from "./paging.ts";
import { count, date, instant, line, timestamp } from "./values.ts";

export const AuditAction = z.enum([
  "created",
  "updated",
  "deleted",
  "signed_in",
  "signed_out",
  "sign_in_failed",
  "started",
  "completed",
  "failed",
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditActorKind = z.enum(["user", "key", "job", "visitor"]);
export type AuditActorKind = z.infer<typeof AuditActorKind>;

/** What the trail is about. */
export const AUDITED = [
  "customer",
  "deployment",
  "interaction",
  "ticket",
  "ticket_comment",
  "outcome",
  "renewal",
  "survey",
  "survey_link",
  "alert",
  "report",
  "report_schedule",
  "score_definition",
  "score_backtest",
  "score_override",
  "settings",
  "suppression",
  "user",
  "api_key",
  "session",
  "sign_in",
  "job",
] as const;
export const AuditedEntity = z.enum(AUDITED);
export type AuditedEntity = z.infer<typeof AuditedEntity>;

export const AuditChange = z
  .object({ field: z.string(), before: z.unknown(), after: z.unknown() })
  .meta({ id: "AuditChange" });
export type AuditChange = z.infer<typeof AuditChange>;

export const AuditEntry = z
  .object({
    id: z.string(),
    at: timestamp,
    actor: z.object({ kind: AuditActorKind, id: z.string(), name: z.string().nullable() }),
    request_id: z.string().nullable(),
    entity: AuditedEntity,
    entity_id: z.string(),
    action: AuditAction,
    changes: z.array(AuditChange),
    is_erased: z.boolean(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** How long an id may be: of ours all are shorter. */
const MAX_ID = 128;

const { limit, cursor } = paging(100, 50);

/** An instant, or a day: its beginning, or its end. */
const bound = (time: string) =>
  z
    .union([instant, date.transform((day) => `${day}T${time}Z`)], "must be a date or a timestamp")
    .meta({ override: { type: "string" } })
    .optional();

export const AuditFilter = z
  .object({
    actor: line(MAX_ID).optional(),
    entity: AuditedEntity.optional(),
    id: line(MAX_ID).optional(),
    field: line(64).optional(),
    from: bound("00:00:00.000"),
    to: bound("23:59:59.999"),
    ...{ limit, cursor },
  })
  .refine(({ id, entity }) => id === undefined || entity !== undefined, {
    path: ["id"],
    error: "takes entity, which says what it is the id of",
  })
  .refine(...inOrder("from", "to"));
export type AuditFilter = z.infer<typeof AuditFilter>;

export const AuditPage = z.object({
  entries: z.array(AuditEntry),
  limit: count,
  next_cursor: z.string().nullable().meta({ description: "Opaque; null on the last page" }),
});
export type AuditPage = z.infer<typeof AuditPage>;

export const AuditProblem = z
  .object({
    kind: z.enum(["changed", "removed", "inserted", "reordered"]),
    at: timestamp.nullable(),
    entry_id: z.string().nullable(),
    position: count.nullable(),
    detail: z.string(),
  })
  .meta({ id: "AuditProblem" });
export type AuditProblem = z.infer<typeof AuditProblem>;

export const AuditVerification = z
  .object({
    day: date,
    is_valid: z.boolean(),
    entries: count,
    erased: count,
    links: count,
    head: z.string().nullable(),
    first_problem: AuditProblem.nullable(),
    next_cursor: z.string().nullable().meta({
      description:
        "Opaque; null when the day has been gone through. Until then the figures are those of what has been, and `head` is null",
    }),
  })
  .meta({ id: "AuditVerification" });
export type AuditVerification = z.infer<typeof AuditVerification>;

export const VerifyQuery = z.object({
  day: date,
  cursor: z.string().max(2_000).optional().meta({ description: "`next_cursor` of the answer before" }),
  /** How many entries a request looks at, about. */
  limit: rowLimit(5_000, 2_000),
});
export type VerifyQuery = z.infer<typeof VerifyQuery>;

export const audit = group("audit", "Who changed what", {
  list: get("/", {
    summary: "List changes, newest first",
    access: "admin",
    query: AuditFilter,
    returns: AuditPage,
  }),
  verify: get("/verify", {
    summary: "Check that nothing was changed about a day's entries afterwards",
    access: "admin",
    query: VerifyQuery,
    returns: AuditVerification,
  }),
});
