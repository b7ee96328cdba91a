import { AlertType, Severity } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, customerTimelineIf, typeByTime } from "../keys.ts";

/** The customer of alerts that are about none. */
export const NO_CUSTOMER = "none";

/** What an alert says; stored with the alert, and with its condition while it is open. */
const facts = {
  /** `NO_CUSTOMER` when it is about none. */
  customer_id: { type: "string", required: true },
  /** What it is about, apart from the customer; see `alerts/detection.ts`. */
  condition: { type: "string", required: true },
  alert_type: { type: AlertType.options, required: true },
  severity: { type: Severity.options, required: true },
  /** How bad the score is that it is about: 0 for low risk to 3 for critical. Of other alerts there is none. */
  band: { type: "number" },
  title: { type: "string", required: true },
  description: { type: "string", required: true },
  created_at: { type: "string", required: true },
  /** A person's name, or `system`. */
  created_by: { type: "string", required: true },
  /** ISO instant; it counts as snoozed until then. */
  snoozed_until: { type: "string" },
  snoozed_by: { type: "string" },
  snooze_reason: { type: "string" },
  /** How bad it was when it was snoozed; see `levelOf` in `alerts/detection.ts`. */
  snoozed_level: { type: "number" },
  /** Why its last snooze ended early. */
  unsnooze_reason: { type: "string" },
} as const;

/** What a snooze consists of. */
export const SNOOZE = ["snoozed_until", "snoozed_by", "snooze_reason", "snoozed_level"] as const;

/** What an alert may be without. */
export const OPTIONAL_FACTS = ["band", ...SNOOZE, "unsnooze_reason"] as const;

/** An alert, open or resolved. */
export const AlertEntity = new Entity(
  {
    model: { service: "success-manager", entity: "alert", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      ...facts,
      is_resolved: { type: "boolean", required: true },
      /** A person's name, or `system`. */
      resolved_by: { type: "string" },
      resolved_at: { type: "string" },
      resolution_notes: { type: "string" },
      updated_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("alert", "id"),
      byCustomer: customerTimelineIf(
        "created_at",
        (alert: { customer_id?: string }) => alert.customer_id !== NO_CUSTOMER,
      ),
      byType: typeByTime("alert", "created_at"),
    },
  },
  table,
);
export type StoredAlert = EntityItem<typeof AlertEntity>;

/**
 * The state of a condition of a customer: it keeps its alerts to one open at a time (decision 16), and carries
 * what the open one says, so that all open alerts can be kept in memory (`alerts/open-alerts.ts`).
 *
 * A condition that a person resolved stays `acknowledged` for as long as it lasts; the table's TTL removes it later.
 */
export const AlertStateEntity = new Entity(
  {
    model: { service: "success-manager", entity: "alert_condition", version: "1" },
    attributes: {
      ...facts,
      /** The newest alert of this condition. */
      alert_id: { type: "string", required: true },
      /** That alert's revision, as long as it is open. */
      alert_revision: { type: "number", required: true },
      state: { type: ["open", "acknowledged", "cleared"] as const, required: true },
      /** What the system found last, as JSON of severity, title and description; a person may have written over it. */
      found: { type: "string" },
      /** What a score was before it fell. */
      reference: { type: "number" },
      /** While the alert is open also the moment of its last change: both are written together. */
      changed_at: { type: "string", required: true },
      /** Grows for ever, also over alerts: never less than milliseconds since 1970. */
      revision: { type: "number", required: true },
      /** Seconds since 1970; only of states that are cleared. */
      expires_at_epoch: { type: "number" },
    },
    indexes: {
      primary: {
        pk: {
          field: "pk",
          composite: ["customer_id"],
          template: "conditions#${customer_id}",
          casing: "none",
        },
        sk: { field: "sk", composite: ["condition"], template: "${condition}", casing: "none" },
      },
      byType: {
        index: "byType",
        pk: { field: "gsi2pk", composite: [], template: "alert_condition", casing: "none" },
        sk: {
          field: "gsi2sk",
          composite: ["changed_at", "customer_id", "condition"],
          template: "${changed_at}#${customer_id}#${condition}",
          casing: "none",
        },
      },
    },
  },
  table,
);
export type AlertState = EntityItem<typeof AlertStateEntity>;
