/** What a record of the table's stream says: who changed what. */
import { isDeepStrictEqual } from "node:util";
import type { AuditAction, AuditActorKind, AuditedEntity } from "@success-manager/contract/audit";
import { deletionKey, ENTITY_NAME, STORAGE_ATTRIBUTES, WRITER, type Writer } from "../table/index.ts";

type Item = Readonly<Record<string, unknown>>;

/** A record of the table's stream, with the whole item before and after. */
export interface ItemChange {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** A field before and after a change; null where it had no value. */
export type FieldChange = readonly [field: string, before: unknown, after: unknown];

/** A change that somebody made, as it is noted. */
export interface Change {
  readonly entity: AuditedEntity;
  readonly entity_id: string;
  readonly action: AuditAction;
  readonly actor: { readonly kind: AuditActorKind; readonly id: string; readonly name?: string | undefined };
  readonly request_id: string | undefined;
  /** Fields that are no personal data, and those that are. */
  readonly plain: readonly FieldChange[];
  readonly personal: readonly FieldChange[];
}

/** What of an entity is noted. */
interface Rule {
  readonly entity: AuditedEntity;
  /** Its id for people; the attribute `id` when absent. */
  readonly id?: (item: Item) => string;
  /** Attributes that follow from others, from time, or from what the system does by itself. */
  readonly ignored?: readonly string[];
  /** Whether what a job changes about one is noted each: few things, which people set otherwise. */
  readonly byJobs?: true;
  /** Items that stand for something else that is noted. */
  readonly except?: (item: Item) => boolean;
}

/** By the entity's name in the table. What is in neither this list nor `UNAUDITED` fails a test. */
export const RULES: Readonly<Record<string, Rule>> = {
  customer: { entity: "customer", byJobs: true },
  deployment: { entity: "deployment", byJobs: true },
  interaction: {
    entity: "interaction",
    ignored: ["sentiment_analysed", "follow_up_paused"],
    except: ({ ticket_id }) => ticket_id !== undefined,
  },
  ticket: {
    entity: "ticket",
    ignored: [
      ...["comment_count", "last_comment_at", "first_response_due_at", "first_response_late"],
      ...["resolution_due_at", "stopped_at", "stopped_ms", "breach_at", "category_key"],
    ],
  },
  ticket_comment: { entity: "ticket_comment" },
  outcome: { entity: "outcome", ignored: ["recorded_at", "recorded_by_name", "version"] },
  renewal: {
    entity: "renewal",
    ignored: ["created_score", "created_band", "lead_on", "lead_score", "lead_band", "number", "spell"],
  },
  survey: { entity: "survey" },
  survey_link: {
    entity: "survey_link",
    ignored: ["token_hash", "reminder_hashes", "message_id", "mail_id", "mail_status", "mail_error"],
  },
  alert: { entity: "alert" },
  report: {
    entity: "report",
    ignored: [
      ...[
        "secret",
        "attempts",
        "mail_attempts",
        "mail_events",
        "has_enclosure",
        "has_tables",
        "fingerprint",
        "due_at",
      ],
      ...["file_path", "file_size"],
    ],
  },
  report_schedule: { entity: "report_schedule", ignored: ["secret", "anchor", "last_mailed"] },
  settings: {
    entity: "settings",
    id: ({ section }) => String(section),
    byJobs: true,
    ignored: ["updated_by"],
  },
  score_definition: { entity: "score_definition", byJobs: true, ignored: ["published_by", "tested"] },
  score_backtest: { entity: "score_backtest", ignored: ["result", "customers", "done", "attempts"] },
  score_override: {
    entity: "score_override",
    id: ({ customer_id }) => String(customer_id),
    ignored: ["set_by"],
  },
  suppression: { entity: "suppression", ignored: ["soft_bounces"] },
  user: { entity: "user", ignored: ["last_login"], byJobs: true },
  login: {
    entity: "user",
    id: ({ user_id }) => String(user_id),
    ignored: ["email_key", "user_id", "password_link_id", "known_addresses"],
  },
  session: {
    entity: "session",
    ignored: ["user_id", "epoch", "refresh_id", "former_refresh_ids", "last_active"],
  },
  api_key: { entity: "api_key" },
  job_lock: { entity: "job", id: ({ job }) => String(job) },
};

/** Entities whose changes are not noted, and why. */
export const UNAUDITED: Readonly<Record<string, string>> = {
  account_mail: "tells of what is noted, or that somebody asked for a link",
  alert_condition: "follows from its alert",
  alert_mail: "a mark that a mail went out",
  api_key_use: "a mark that a key is used",
  audit_entry: "the trail itself",
  audit_link: "the trail itself",
  company: "follows from its customer",
  forecast_basis: "computed; never changed",
  forecast_result: "computed; never changed",
  forecast_snapshot: "computed; never changed",
  idempotency: "an answer that is kept for a day; what the call has changed is noted",
  identity: "its login is noted",
  job_run: "its lock is noted",
  last_contact: "follows from interactions",
  latest_score: "computed; each score stays as it is",
  outcome_ledger: "follows from outcomes",
  outcome_version: "what an outcome was before; each change of that is noted",
  personal_data: "its run is noted",
  migration: "its command says who ran it, and its item keeps that",
  oidc_login: "a step of signing in; its session is noted",
  password_link: "its user is noted; it holds a secret",
  quorum: "follows from users",
  recent_feedback: "follows from responses",
  score: "computed; never changed",
  score_registry: "follows from definitions",
  second_factor: "its user is noted; it holds a secret",
  sign_in_ticket: "a step of signing in; its session is noted",
  stream_echo: "technical",
  stream_probe: "technical",
  teammate: "follows from its user",
  ticket_number: "follows from its ticket",
};

/** Stored beside what people set, and no field of theirs. */
const NO_FIELDS = new Set([
  ...STORAGE_ATTRIBUTES,
  ...[ENTITY_NAME, WRITER, "id", "revision", "created_at", "updated_at", "changed_at", "search_key"],
  ...["performer_key", "due_key", "follow_up_due", "expires_at_epoch"],
]);

/** Of these it is noted that they changed, and never what they are, whatever entity has them. */
const SECRET = /password|secret|token|hash|otp|recovery|refresh_id/i;

/**
 * Fields that are or may be about a person: names, addresses, texts that people typed. A test compares them with what
 * the export of a copy without personal data leaves out.
 */
const PERSONAL = new Set([
  ...[
    "account_manager",
    "assigned_to_name",
    "author_name",
    "avatar",
    "body",
    "contact_email",
    "contact_name",
  ],
  ...[
    "contact_phone",
    "created_by",
    "created_by_name",
    "custom_message",
    "deliveries",
    "description",
    "email",
  ],
  ...["error_message", "feedback_text", "file_name", "filters", "full_name", "ip_address", "left"],
  ...[
    "next_step",
    "note",
    "notes",
    "performed_by",
    "performed_by_name",
    "phone",
    "recipient_name",
    "recipients",
    "report_name",
  ],
  ...["requester_email", "requester_name", "resolution_notes", "resolved_by", "sent_to", "snooze_reason"],
  ...["snoozed_by", "subject", "submitted_by_email", "submitted_by_name", "ticket_reference", "title"],
  ...["triggered_by", "unsnooze_reason", "user_agent", "values"],
]);

export const isPersonal = (field: string): boolean => PERSONAL.has(field);
export const isSecret = (field: string): boolean => SECRET.test(field);
export const isNoted = (entity: string, field: string): boolean =>
  !NO_FIELDS.has(field) && !RULES[entity]?.ignored?.includes(field);

const MAX_TEXT = 1_000;
const MAX_VALUE = 4_000;

/** A value as it is noted: long texts are cut. */
function bounded(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "string")
    return value.length <= MAX_TEXT
      ? value
      : `${value.slice(0, MAX_TEXT).toWellFormed()}… (${value.length} characters)`;
  if (typeof value !== "object" || value === null) return value;
  const json = JSON.stringify(value);
  return json.length <= MAX_VALUE ? value : bounded(json);
}

const HIDDEN = "hidden";

/** What is different about an item, field by field in the order of their names. */
function fieldChanges(entity: string, { before = {}, after = {} }: ItemChange): FieldChange[] {
  const names = new Set(
    [...Object.keys(before), ...Object.keys(after)].filter((name) => isNoted(entity, name)),
  );
  return [...names].sort().flatMap((name): FieldChange[] => {
    const [from, to] = [before[name], after[name]];
    if (isDeepStrictEqual(from, to)) return [];
    if (isSecret(name)) {
      const shown = (value: unknown) => (value === undefined ? null : HIDDEN);
      return [[name.replace(/_?hash$/, "") || name, shown(from), shown(to)]];
    }
    return [[name, bounded(from), bounded(to)]];
  });
}

const split = (changes: readonly FieldChange[]) => ({
  plain: changes.filter(([field]) => !isPersonal(field)),
  personal: changes.filter(([field]) => isPersonal(field)),
});

const KINDS: readonly string[] = ["user", "key", "job", "visitor"] satisfies AuditActorKind[];

function writerOf(value: unknown): (Writer & { readonly kind: AuditActorKind }) | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, id, name, request_id } = value as Record<string, unknown>;
  if (!KINDS.includes(String(kind)) || typeof id !== "string") return undefined;
  return {
    kind: kind as AuditActorKind,
    id,
    ...(typeof name === "string" && { name }),
    ...(typeof request_id === "string" && { request_id }),
  };
}

/** Who has deleted an item is another item: its key; undefined for what is no deletion of something that is noted. */
export function deletionOf({ before, after }: ItemChange) {
  if (after || !before || !RULES[String(before[ENTITY_NAME])]) return undefined;
  return deletionKey({ pk: String(before.pk), sk: String(before.sk) });
}

/** Who has deleted an item, as it stands in the item that says so. */
export const deletedBy = (deletion: Item | undefined) => writerOf(deletion?.[WRITER]);

const FAILED_SIGN_INS = "failed_sign_ins";
const isPowerOfTen = (n: number) => /^10*$/.test(String(n));

/** Failed sign-ins at an account in an hour: the 1st, 10th, 100th … are noted. */
function failedSignIns({ before, after }: ItemChange): Change | undefined {
  if (!after || !isPowerOfTen(Number(after.attempts))) return undefined;
  const account = String(after.account);
  return {
    entity: "sign_in",
    entity_id: account,
    action: "sign_in_failed",
    actor: { kind: "visitor", id: "sign_in" },
    request_id: undefined,
    plain: [["attempts", before ? Number(before.attempts) : null, Number(after.attempts)]],
    personal: [],
  };
}

/** Of these the run is noted alone: what they change of single items, and what an erasure takes out of them, is not. */
const WHOLE: readonly string[] = ["migrations", "personal_data"];

/** Jobs that look after the system by themselves: of them it is noted that somebody has started one. */
const HOUSEKEEPING: readonly string[] = ["system_watch", "directory_snapshot"];

/** A run of a job: that a person has started it, and what came of it. */
function jobRun({ before, after }: ItemChange, writer: ReturnType<typeof writerOf>): Change | undefined {
  if (!after) return undefined;
  const id = String(after.job);
  const run: FieldChange = ["run_id", null, after.run_id];
  const of = { entity: "job", entity_id: id, personal: [] } as const;
  const isSameRun = before !== undefined && before.run_id === after.run_id;
  if (after.state === "running") {
    // Begun by the clock: its end is noted.
    if (isSameRun || !writer || writer.kind === "job") return undefined;
    return { ...of, action: "started", actor: writer, request_id: writer.request_id, plain: [run] };
  }
  if (isSameRun && before.state === after.state) return undefined;
  const counts = Object.entries((after.counts ?? {}) as Record<string, unknown>);
  const isNothing = counts.every(([, count]) => count === 0);
  if (HOUSEKEEPING.includes(id) || (after.state === "completed" && isNothing)) return undefined;
  return {
    ...of,
    action: after.state === "failed" ? "failed" : "completed",
    actor: { kind: "job", id },
    request_id: writer?.request_id,
    plain: [run, ["counts", null, bounded(after.counts)]],
  };
}

/**
 * What a record says that is to be noted; undefined when nothing is: of what nobody has asked for, of values that follow
 * from others, and of what jobs write in bulk.
 *
 * @param deleted who has deleted the item, where it is gone
 */
export function changeOf(change: ItemChange, deleted?: ReturnType<typeof deletedBy>): Change | undefined {
  const { before, after } = change;
  const item = after ?? before;
  if (!item) return undefined;
  if (item.sk === FAILED_SIGN_INS) return failedSignIns(change);
  const name = String(item[ENTITY_NAME]);
  const rule = RULES[name];
  if (!rule || rule.except?.(item)) return undefined;
  const writer = writerOf(after ? after[WRITER] : deleted);
  if (rule.entity === "job") return jobRun(change, writer);
  if (!writer) return undefined;
  // Of a login its password alone: that it came and went with its user says the user.
  if (name === "login" && !(before && after)) return undefined;
  if (name === "session" && before && after) return undefined;
  if (writer.kind === "job" && (!rule.byJobs || WHOLE.includes(writer.id))) return undefined;
  const changes = fieldChanges(name, change);
  if (changes.length === 0) return undefined;
  const { kind, id } = writer;
  // Who signs in is known by what they get.
  const isSignIn = name === "session" && kind === "visitor";
  const actor = isSignIn
    ? ({ kind: "user", id: String(item.user_id) } as const)
    : { kind, id, name: writer.name };
  return {
    entity: rule.entity,
    entity_id: rule.id?.(item) ?? String(item.id),
    action: actionOf(name, change),
    actor,
    request_id: writer.request_id,
    ...split(changes),
  };
}

function actionOf(entity: string, { before, after }: ItemChange): AuditAction {
  if (entity === "session") return after ? "signed_in" : "signed_out";
  if (!before) return "created";
  return after ? "updated" : "deleted";
}
