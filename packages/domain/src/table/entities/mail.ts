import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, typeByTime } from "../keys.ts";

/** A mail that was given up for now, and when. */
export interface SoftBounce {
  /** SES's id of the mail. */
  readonly message_id: string;
  readonly at: string;
}

/** What mail to an address came to: whether it gets any more (`mail/suppression.ts`). Good news leave no item. */
export const SuppressionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "suppression", version: "1" },
    attributes: {
      /** Made of a keyed hash of the address: keys show in logs of AWS, and it stays when the address is erased. */
      id: { type: "string", required: true },
      /** Of those that were made without a key, absent. */
      is_keyed: { type: "boolean" },
      email: { type: "string", required: true },
      /** What it does not get; all mail when absent. Each kind is an item of its own. */
      kind: { type: ["surveys"] as const },
      /** When mail to it was last refused for good, and in what way. */
      bounced_at: { type: "string" },
      bounce: { type: ["hard", "soft"] as const },
      /** When its owner last reported mail of ours as spam. */
      complained_at: { type: "string" },
      /** When its owner last unsubscribed from this kind of mail. */
      unsubscribed_at: { type: "string" },
      /** When its owner was erased from everything. */
      erased_at: { type: "string" },
      /** Those since the last mail that arrived, oldest first: a few. */
      soft_bounces: { type: CustomAttributeType<readonly SoftBounce[]>("any") },
      /** When a person last let mail go there again: what happened before counts for nothing. */
      lifted_at: { type: "string" },
      /** The latest of `bounced_at`, `complained_at`, `unsubscribed_at` and `erased_at`; while it gets no mail. */
      suppressed_at: { type: "string" },
      revision: { type: "number", required: true },
      /** Seconds since 1970; none for a complaint, and for who unsubscribed or was erased. */
      expires_at_epoch: { type: "number" },
    },
    indexes: {
      primary: byId("suppression", "id"),
      byType: {
        ...typeByTime("suppression", "suppressed_at"),
        condition: ({ suppressed_at }: { suppressed_at?: string | undefined }) => suppressed_at !== undefined,
      },
    },
  },
  table,
);
export type StoredSuppression = EntityItem<typeof SuppressionEntity>;
