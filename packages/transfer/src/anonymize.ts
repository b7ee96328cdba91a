/**
 * A copy of a table without personal data: names, addresses, numbers, texts and secrets are replaced, dates, figures and
 * relations stay. The same seed gives the same copy; the same person or address is the same fake one everywhere.
 */
import { createHmac } from "node:crypto";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { searchForm } from "@success-manager/contract/text";
import * as vocabulary from "@success-manager/contract/vocabulary";
import { ENTITY_NAME, emailKey, nameKey, WRITER } from "@success-manager/domain/table";
import type { RawItem } from "./archive.ts";

/**
 * What an attribute holds: a person's name (or the id of a user, or an address), an address, a list of them, a
 * company's name or what it is unique by, a number to call, a text, a secret, the number of a ticket as people type it,
 * nested values, an alert as it was found. `search` follows from the other attributes; `remove` is left out, and
 * `password` becomes one that is known, or none.
 */
export type Kind =
  | "person"
  | "email"
  | "emails"
  | "company"
  | "company_key"
  | "phone"
  | "text"
  | "secret"
  | "reference"
  | "values"
  | "found"
  | "search"
  | "remove"
  | "password";

interface Attributes {
  readonly personal: Readonly<Record<string, Kind>>;
  /** Ids, instants, figures, states and labels of our own vocabulary. */
  readonly plain: readonly string[];
}

/** Of a version of an outcome. Reasons and competitors are no persons. */
const outcomeFacts: readonly string[] = [
  ...["id", "customer_id", "kind", "notice_on", "effective_on", "amount_before", "amount_after", "reason"],
  ...[
    "competitor",
    "voluntary",
    "reference",
    "source",
    "is_withdrawn",
    "created_at",
    "recorded_at",
    "version",
  ],
];

const alertFacts: Attributes = {
  personal: {
    title: "text",
    description: "text",
    created_by: "person",
    snoozed_by: "person",
    snooze_reason: "text",
    unsnooze_reason: "text",
  },
  plain: [
    ...["customer_id", "condition", "alert_type", "severity", "band", "created_at"],
    ...["snoozed_until", "snoozed_level", "revision"],
  ],
};

const score = [
  ...["id", "customer_id", "product_deployment_id", "overall_score", "adoption_score", "engagement_score"],
  ...["support_score", "financial_score", "risk_level", "score_trend", "calculated_at"],
  ...["definition_version", "coverage", "band", "override", "calculated_score"],
  ...["calculated_band", "calculated_trend", "change"],
];

/**
 * Every attribute of every entity: an attribute that is in neither list fails a test, and an item with one is refused.
 * `dropped`: follows from other items or from a moment that has passed, or lets somebody in.
 */
export const ATTRIBUTES: Readonly<Record<string, Attributes | "dropped">> = {
  user: {
    personal: {
      email: "email",
      full_name: "person",
      phone: "phone",
      avatar: "remove",
      second_factor_at: "remove",
      written_by: "remove",
    },
    plain: [
      ...["id", "role", "is_active", "invited_at", "last_login", "created_at", "updated_at", "revision"],
      ...["session_epoch", "access", "team"],
    ],
  },
  login: {
    personal: {
      email_key: "email",
      password_hash: "password",
      password_link_id: "remove",
      identity_id: "remove",
      known_addresses: "remove",
    },
    plain: ["user_id"],
  },
  password_link: "dropped",
  api_key: "dropped",
  api_key_use: "dropped",
  idempotency: "dropped",
  account_mail: "dropped",
  // Whoever gets a copy can't have the key: people sign in by password alone there.
  second_factor: "dropped",
  sign_in_ticket: "dropped",
  identity: "dropped",
  oidc_login: "dropped",
  quorum: { personal: {}, plain: ["role", "active"] },
  teammate: {
    personal: { full_name: "person", email: "email" },
    plain: ["id", "role", "access", "team", "is_active", "changed_at", "revision"],
  },
  session: "dropped",
  customer: {
    personal: {
      company_name: "company",
      contact_name: "person",
      contact_email: "email",
      contact_phone: "phone",
      account_manager: "person",
      written_by: "remove",
      logo_url: "remove",
      notes: "text",
    },
    plain: [
      ...[
        "id",
        "industry",
        "contact_language",
        "deployed_products",
        "contract_start_date",
        "contract_end_date",
        "contract_value",
      ],
      ...["account_manager_id", "status", "status_before_risk", "portal_enabled", "created_at", "updated_at"],
      ...["changed_at", "revision"],
    ],
  },
  company: { personal: { name_key: "company_key" }, plain: ["customer_id"] },
  deployment: {
    personal: {},
    plain: [
      ...["id", "customer_id", "product_name", "deployment_date", "version", "environment", "license_type"],
      ...["license_expiry", "is_active", "created_at", "updated_at", "changed_at", "revision"],
    ],
  },
  score: { personal: {}, plain: [...score, "previous_calculated_at", "factors", "measures", "movement"] },
  latest_score: {
    personal: {},
    plain: [...score, "revision", "entries", "drift", "trail", "by_deployment", "basis", "changed_at"],
  },
  score_definition: {
    personal: { created_by: "person", published_by: "person" },
    plain: [
      ...["id", "status", "score_version", "content", "created_at", "updated_at", "published_at"],
      ...["retired_at", "tested", "revision"],
    ],
  },
  score_backtest: {
    personal: { created_by: "person" },
    plain: [
      ...["id", "status", "definition_id", "score_version", "definition_revision", "content", "horizon_days"],
      ...["cuts", "segment", "known_by", "customers", "done", "attempts", "verdict", "sentence", "result"],
      ...["error", "created_at", "finished_at", "revision"],
    ],
  },
  score_registry: { personal: {}, plain: ["id", "definitions", "next_version", "revision"] },
  score_override: {
    personal: { note: "text", set_by: "person" },
    plain: ["customer_id", "score", "reason", "set_at", "ends_at", "revision"],
  },
  interaction: {
    personal: {
      subject: "text",
      description: "text",
      performed_by: "person",
      performed_by_name: "person",
      author_name: "person",
      performer_key: "search",
      search_key: "search",
    },
    plain: [
      ...["id", "customer_id", "interaction_type", "sentiment", "sentiment_analysed", "performed_by_id"],
      ...["author_id", "interaction_date", "follow_up_required", "follow_up_date", "follow_up_paused"],
      ...["follow_up_due", "ticket_id", "ticket_number", "ticket_status", "ticket_priority", "created_at"],
      ...["updated_at", "revision"],
    ],
  },
  last_contact: { personal: {}, plain: ["customer_id", "dates", "changed_at", "revision"] },
  survey: {
    personal: {
      feedback_text: "text",
      submitted_by_name: "person",
      submitted_by_email: "email",
      ticket_reference: "reference",
      author_name: "person",
      search_key: "search",
    },
    plain: [
      ...["id", "customer_id", "product_deployment_id", "product", "survey_type", "score", "submitted_at"],
      ...["ticket_id", "submitted_via", "author_id", "survey_link_id"],
    ],
  },
  recent_feedback: "dropped",
  survey_link: {
    personal: {
      token_hash: "secret",
      customer_name: "company",
      ticket_reference: "reference",
      custom_message: "text",
      sent_to: "email",
      recipient_name: "person",
      mail_error: "remove",
      message_id: "remove",
      mail_id: "remove",
      reminder_hashes: "remove",
      created_by: "person",
      created_by_name: "person",
      search_key: "search",
    },
    plain: [
      ...["id", "customer_id", "survey_type", "product_deployment_id", "product", "mail_status", "sent_at"],
      ...[
        "language",
        "reminder_count",
        "last_reminder_at",
        "created_at",
        "expires_at",
        "opened_at",
        "answered_at",
      ],
      ...["response_id", "score", "revoked_at", "due_key", "revision"],
    ],
  },
  ticket: {
    personal: {
      subject: "text",
      description: "text",
      assigned_to_name: "person",
      requester_name: "person",
      requester_email: "email",
      created_by: "person",
      created_by_name: "person",
      search_key: "search",
    },
    plain: [
      ...["id", "number", "customer_id", "priority", "status", "category", "category_key", "assigned_to"],
      ...["comment_count", "last_comment_at", "first_response_due_at", "first_response_at"],
      ...["first_response_late", "resolution_due_at", "resolved_at", "closed_at", "stopped_at"],
      ...["stopped_ms", "breach_at", "survey", "created_at", "updated_at", "revision"],
    ],
  },
  ticket_number: { personal: {}, plain: ["number", "ticket_id", "customer_id"] },
  ticket_comment: {
    personal: { body: "text", author_name: "person" },
    plain: ["id", "ticket_id", "is_internal", "author_id", "created_at"],
  },
  outcome: {
    personal: { note: "text", recorded_by_name: "person", written_by: "remove" },
    plain: [...outcomeFacts, "revision"],
  },
  outcome_version: {
    personal: { note: "text", recorded_by_name: "person" },
    plain: outcomeFacts,
  },
  outcome_ledger: { personal: {}, plain: ["customer_id", "began_on", "facts", "changed_at", "revision"] },
  renewal: {
    personal: { next_step: "text", written_by: "remove" },
    plain: [
      ...["id", "customer_id", "number", "spell", "term_end", "former_ends", "stage", "amount"],
      ...["next_step_due", "owner_id", "outcome_id", "created_score", "created_band"],
      ...["lead_on", "lead_score", "lead_band", "created_at", "updated_at", "changed_at", "revision"],
    ],
  },
  forecast_snapshot: {
    personal: {},
    plain: [
      ...["period", "week", "taken_on", "at_stake", "renewed", "lost", "open"],
      ...["expected", "p10", "p50", "p90", "parts", "created_at"],
    ],
  },
  forecast_basis: { personal: {}, plain: ["period", "week", "part", "content"] },
  forecast_result: { personal: {}, plain: ["period", "judged_on", "actual", "created_at"] },
  alert: {
    personal: { ...alertFacts.personal, resolved_by: "person", resolution_notes: "text" },
    plain: [...alertFacts.plain, "id", "is_resolved", "resolved_at", "updated_at"],
  },
  alert_condition: {
    personal: { ...alertFacts.personal, found: "found" },
    plain: [
      ...alertFacts.plain,
      ...["alert_id", "alert_revision", "state", "reference", "changed_at", "expires_at_epoch"],
    ],
  },
  // Chained by what they hold: a changed one would not hold. What a copy changes is not what people changed.
  audit_entry: "dropped",
  audit_link: "dropped",
  // Of a person who was to be erased, or given what is known of them: that is about the original.
  personal_data: "dropped",
  alert_mail: { personal: {}, plain: ["id", "expires_at_epoch"] },
  job_run: "dropped",
  job_lock: "dropped",
  stream_probe: "dropped",
  stream_echo: "dropped",
  report_schedule: {
    personal: {
      report_name: "text",
      recipients: "emails",
      filters: "values",
      created_by: "person",
      secret: "secret",
      left: "remove",
    },
    plain: [
      ...["id", "report_type", "frequency", "anchor", "next_scheduled_at", "is_active", "last_generated_at"],
      ...["last_scheduled_at", "created_by_id", "is_narrowed", "created_at", "updated_at", "revision"],
      ...["skip_unchanged", "attach_csv", "language", "last_mailed"],
    ],
  },
  report: {
    personal: {
      report_name: "text",
      file_name: "text",
      filters: "values",
      error_message: "remove",
      triggered_by: "person",
      deliveries: "values",
      secret: "secret",
    },
    plain: [
      ...["id", "scheduled_report_id", "report_type", "date_from", "date_to", "status", "file_path"],
      ...["file_size", "generated_at", "created_at", "triggered_by_id", "attempts", "mail_attempts"],
      ...[
        "mail_events",
        "has_enclosure",
        "has_tables",
        "fingerprint",
        "attach_csv",
        "language",
        "file_period",
      ],
      ...["owner_id", "is_narrowed"],
      ...["due_at", "due_key", "revision", "expires_at_epoch"],
    ],
  },
  settings: {
    personal: { values: "values", updated_by: "person" },
    plain: ["section", "updated_at", "revision"],
  },
  migration: {
    personal: { by: "person", failures: "values", error: "remove", earlier: "values" },
    plain: [
      ...["name", "kind", "direction", "state", "run_id", "started_at", "finished_at", "checksum", "counts"],
      "worked_ms",
    ],
  },
  suppression: "dropped",
};

/** Items without an entity that stay. All others are counters, limits and markers: counters are counted anew. */
const KEPT_KEYS = ["sequence#"];

const COUNTERS = "rollup#";

/** What an item holds besides its attributes. */
const STORAGE = /^(pk|sk|gsi[123][ps]k|__edb_[ev]__)$/;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/;
const TICKET_NUMBER = /^[A-Z]{1,8}-\d{1,12}$/;

/** Words of our own that nested values may hold: states, types, products. */
const WORDS = new Set(
  Object.values(vocabulary).flatMap((value): readonly unknown[] =>
    typeof value === "object" && value !== null && "options" in value && Array.isArray(value.options)
      ? value.options
      : [],
  ),
);

const SYLLABLES = [
  "ba",
  "de",
  "fi",
  "go",
  "ku",
  "la",
  "me",
  "ni",
  "po",
  "ru",
  "sa",
  "te",
  "vi",
  "wo",
  "zu",
  "ha",
];
const NEUTRAL =
  "meeting agenda topic item review version plan step note point list page order stage phase scope schedule period".split(
    " ",
  );

/** Fake values that follow from a seed and the true ones, and do not lead back to them without the seed. */
export function createFakes(seed: string) {
  const digest = (kind: string, value: string) =>
    createHmac("sha256", seed).update(`${kind}\n${value}`).digest();
  const name = (bytes: Buffer, from: number, syllables: number) => {
    const text = [...bytes.subarray(from, from + syllables)].map((byte) => SYLLABLES[byte % 16]).join("");
    return `${text[0]?.toUpperCase()}${text.slice(1)}`;
  };
  const email = (address: string) =>
    // Amazon's own simulator takes what is sent there, and no person gets it.
    `success+${digest("email", emailKey(address)).toString("hex").slice(0, 16)}@simulator.amazonses.com`;
  const person = (text: string) => {
    if (text === "system" || UUID.test(text)) return text;
    if (text.includes("@")) return email(text);
    const bytes = digest("person", searchForm(text));
    return `${name(bytes, 0, 3)} ${name(bytes, 3, 4)}`;
  };
  const company = (customerId: string) => {
    const bytes = digest("company", customerId);
    return `${name(bytes, 0, 4)} ${name(bytes, 4, 5)}`;
  };
  const text = (original: string) => {
    const bytes = digest("text", original);
    const words = Math.min(60, Math.max(1, Math.floor(original.length / 9)));
    return Array.from({ length: words }, (_, n) => NEUTRAL[((bytes[n % 32] ?? 0) + n) % NEUTRAL.length]).join(
      " ",
    );
  };
  const phone = (original: string) => {
    const bytes = digest("phone", original);
    return original
      .replace(/\d/g, (_, at: number) => String((bytes[at % 32] ?? 0) % 10))
      .replace(/[^\d+() .-]/g, "0");
  };
  const secret = (original: string) =>
    digest("secret", original).toString("base64url").padEnd(original.length, "A").slice(0, original.length);
  /** Numbers, states, ids and instants stay; every other text is replaced. */
  const values = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(values);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, values(inner)]));
    if (typeof value !== "string" || WORDS.has(value) || UUID.test(value) || INSTANT.test(value))
      return value;
    return value.includes("@") ? email(value) : text(value);
  };
  return { email, person, company, text, phone, secret, values };
}
type Fakes = ReturnType<typeof createFakes>;

type Item = Record<string, unknown>;
const words = (...parts: readonly unknown[]) =>
  searchForm(parts.map((part) => (typeof part === "string" ? part : "")).join("\n"));

/**
 * What searches look at, as each entity's subject puts it together; of an item whose other attributes are as they will
 * be. A survey response searches the name of its customer too, which it does not hold.
 */
export function searchKeys(entity: string, item: Item, companyName: string): Item {
  switch (entity) {
    case "interaction":
      return {
        performer_key: searchForm(String(item.performed_by_name ?? item.performed_by)),
        search_key: words(item.subject, item.description),
      };
    case "survey":
      return {
        search_key: words(item.feedback_text, item.submitted_by_name, item.submitted_by_email, companyName),
      };
    case "survey_link":
      return {
        search_key: words(
          ...[
            item.customer_name,
            item.sent_to,
            item.recipient_name,
            item.ticket_reference,
            item.custom_message,
          ],
        ),
      };
    case "ticket":
      return {
        search_key: words(
          item.number,
          item.subject,
          item.description,
          item.requester_name,
          item.requester_email,
        ),
      };
    default:
      return {};
  }
}

function fake(
  kind: Kind,
  value: unknown,
  item: Item,
  fakes: Fakes,
  passwordHash: string | undefined,
): unknown {
  const customerId = String(item.customer_id ?? item.id);
  const string = String(value);
  switch (kind) {
    case "person":
      return fakes.person(string);
    case "email":
      return fakes.email(string);
    case "emails":
      return Array.isArray(value) ? value.map((one) => fakes.email(String(one))) : [];
    case "company":
      return fakes.company(customerId);
    case "company_key":
      return nameKey(fakes.company(customerId));
    case "phone":
      return fakes.phone(string);
    case "text":
      return string === "" ? "" : fakes.text(string);
    case "secret":
      return fakes.secret(string);
    case "reference":
      return TICKET_NUMBER.test(string) ? string : fakes.text(string);
    case "values":
      return fakes.values(value);
    case "found": {
      const { title = "", description = "", ...rest }: Record<string, unknown> = JSON.parse(string);
      return JSON.stringify({
        ...rest,
        title: fakes.text(String(title)),
        description: fakes.text(String(description)),
      });
    }
    case "password":
      return passwordHash;
    case "search":
    case "remove":
      return undefined;
  }
}

/** Keys that are made of personal attributes. */
const rekeyed = (entity: string, item: Item): Item =>
  entity === "login"
    ? { pk: `login#${item.email_key}` }
    : entity === "company"
      ? { pk: `company#${item.name_key}` }
      : {};

/**
 * @param seed any text; whoever knows it and a true value can tell the fake one, so it is kept like a password
 * @param passwordHash everybody's password in the copy; without one nobody can sign in
 * @returns an item as it will be; undefined for one that is left out
 * @throws for an entity or attribute that nobody has said anything about
 */
export function createAnonymizer(seed: string, passwordHash?: string) {
  const fakes = createFakes(seed);
  return (raw: RawItem): RawItem | undefined => {
    const item: Item = unmarshall(raw);
    const entity = item[ENTITY_NAME];
    // Counters of all time are rows of the directory, and so have an entity's name.
    if (String(item.pk).startsWith(COUNTERS)) return undefined;
    if (typeof entity !== "string")
      return KEPT_KEYS.some((prefix) => String(item.pk).startsWith(prefix)) ? raw : undefined;
    const attributes = ATTRIBUTES[entity];
    if (attributes === "dropped") return undefined;
    if (attributes === undefined)
      throw new Error(`Nobody has said which attributes of ${entity} are personal`);
    const result: Item = {};
    for (const [name, value] of Object.entries(item)) {
      const kind = attributes.personal[name];
      // Who wrote it last, by name.
      if (name === WRITER) continue;
      if (kind !== undefined) result[name] = fake(kind, value, item, fakes, passwordHash);
      else if (STORAGE.test(name) || attributes.plain.includes(name)) result[name] = value;
      else throw new Error(`Nobody has said whether ${name} of ${entity} is personal`);
    }
    Object.assign(result, searchKeys(entity, result, fakes.company(String(item.customer_id))));
    Object.assign(result, rekeyed(entity, result));
    return marshall(result, { removeUndefinedValues: true });
  };
}
