import type { Interaction } from "@success-manager/contract/interactions";
import type { StoredInteraction } from "../table/index.ts";

/** What responses are made of: lists read no more than this. */
export const FIELDS = [
  "id",
  "customer_id",
  "interaction_type",
  "subject",
  "description",
  "sentiment",
  "performed_by",
  "performed_by_name",
  "author_name",
  "interaction_date",
  "follow_up_required",
  "follow_up_date",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredInteraction)[];

export type InteractionProjection = Pick<StoredInteraction, (typeof FIELDS)[number]>;

/** An interaction as the API shows it. */
export const toInteraction = (
  row: InteractionProjection,
  customer_name: string | undefined,
): Interaction => ({
  id: row.id,
  customer_id: row.customer_id,
  customer_name: customer_name ?? null,
  interaction_type: row.interaction_type,
  subject: row.subject,
  description: row.description,
  sentiment: row.sentiment,
  performed_by: row.performed_by,
  performed_by_name: row.performed_by_name ?? row.performed_by,
  author_name: row.author_name ?? null,
  interaction_date: row.interaction_date,
  follow_up_required: row.follow_up_required,
  follow_up_date: row.follow_up_date ?? null,
  created_at: row.created_at,
  updated_at: row.updated_at,
  revision: row.revision,
});
