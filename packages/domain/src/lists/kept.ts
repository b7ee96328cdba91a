import { searchForm } from "@success-manager/contract/text";

/**
 * What of each list's rows is kept in memory (`copy.ts`): all that filters, searches and orders look at, and all that
 * counters are made of, for who sees some customers (`scope.ts`). Conditions and
 * columns of a list may name these fields only.
 */

/** Entities whose lists are kept; what the table and its partition of `byType` call them. */
export type KeptEntity =
  | "interaction"
  | "survey"
  | "survey_link"
  | "alert"
  | "ticket"
  | "report"
  | "report_schedule";

export type Value = string | number | boolean | undefined;

type Item = Readonly<Record<string, unknown>>;

/** A row as it is kept: its id, the instant that the list is sorted by, and its fields. */
export interface KeptRow {
  readonly id: string;
  readonly at: string;
  readonly [field: string]: Value;
}

interface Kept {
  /** The attribute that the list is sorted by. */
  readonly time: string;
  /** Attributes that are kept as they are. */
  readonly fields: readonly string[];
  /** Fields that are made of other attributes, and those. */
  readonly derived?: {
    readonly of: readonly string[];
    readonly fields: readonly string[];
    readonly make: (item: Item) => Readonly<Record<string, Value>>;
  };
}

/** Instants of which a list only asks whether there is one. */
const flags = (...fields: readonly string[]): NonNullable<Kept["derived"]> => ({
  of: fields,
  fields,
  make: (item) => Object.fromEntries(fields.flatMap((field) => (item[field] ? [[field, true]] : []))),
});

const KEPT: Readonly<Record<KeptEntity, Kept>> = {
  interaction: {
    time: "interaction_date",
    fields: [
      "customer_id",
      "interaction_type",
      "sentiment",
      "follow_up_required",
      "performed_by",
      "performed_by_id",
      "follow_up_date",
      "follow_up_paused",
      "performer_key",
      "search_key",
    ],
  },
  survey: {
    time: "submitted_at",
    fields: [
      "customer_id",
      "product_deployment_id",
      "product",
      "survey_type",
      "score",
      "submitted_by_name",
      "search_key",
    ],
    derived: {
      of: ["feedback_text"],
      fields: ["has_text"],
      make: ({ feedback_text }) => (feedback_text ? { has_text: true } : {}),
    },
  },
  survey_link: {
    time: "created_at",
    fields: ["customer_id", "survey_type", "product", "expires_at", "sent_to", "mail_status", "search_key"],
    derived: flags("answered_at", "revoked_at", "opened_at"),
  },
  alert: {
    time: "created_at",
    fields: ["customer_id", "alert_type", "severity", "is_resolved", "resolved_at", "snoozed_until"],
    derived: {
      of: ["title", "description"],
      fields: ["search_key"],
      make: ({ title, description }) => ({ search_key: searchForm(`${title}\n${description}`) }),
    },
  },
  ticket: {
    time: "created_at",
    fields: [
      "customer_id",
      "number",
      "subject",
      "priority",
      "status",
      "category_key",
      "assigned_to",
      "assigned_to_name",
      "breach_at",
      "first_response_at",
      "resolved_at",
      "resolution_due_at",
      "updated_at",
      "search_key",
    ],
  },
  report: {
    time: "created_at",
    fields: ["report_type", "status", "scheduled_report_id", "owner_id", "is_narrowed"],
  },
  report_schedule: {
    time: "created_at",
    fields: [
      "report_name",
      "report_type",
      "frequency",
      "is_active",
      "created_by_id",
      "updated_at",
      "next_scheduled_at",
      "last_generated_at",
    ],
  },
};

export const KEPT_ENTITIES = Object.keys(KEPT) as readonly KeptEntity[];

export const isKept = (entity: unknown): entity is KeptEntity =>
  typeof entity === "string" && Object.hasOwn(KEPT, entity);

/** The fields of a kept row. */
export const keptFields = (entity: KeptEntity): readonly string[] => [
  ...KEPT[entity].fields,
  ...(KEPT[entity].derived?.fields ?? []),
];

/** The attributes that a kept row is made of. */
export const sourceFields = (entity: KeptEntity): readonly string[] => [
  "id",
  KEPT[entity].time,
  ...KEPT[entity].fields,
  ...(KEPT[entity].derived?.of ?? []),
];

const isValue = (value: unknown): value is NonNullable<Value> =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** What is kept of an item; undefined when it has no id or no time, which only a damaged one lacks. */
export function toKeptRow(entity: KeptEntity, item: Item): KeptRow | undefined {
  const { time, fields, derived } = KEPT[entity];
  const { id, [time]: at } = item;
  if (typeof id !== "string" || typeof at !== "string" || Number.isNaN(Date.parse(at))) return undefined;
  const row: Record<string, Value> = {};
  for (const field of fields) {
    const value = item[field];
    if (isValue(value)) row[field] = value;
  }
  return { ...row, ...derived?.make(item), id, at };
}

/** Whether two images of an item are the same to all lists. */
export function isSameRow(entity: KeptEntity, a: KeptRow, b: KeptRow): boolean {
  return a.id === b.id && a.at === b.at && keptFields(entity).every((field) => a[field] === b[field]);
}
