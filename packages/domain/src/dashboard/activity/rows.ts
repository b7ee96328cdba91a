import type { ListDefinition } from "../../lists/index.ts";
import type { StoredAlert, StoredInteraction, StoredSurvey } from "../../table/index.ts";

const CONTACT = [
  "id",
  "customer_id",
  "interaction_type",
  "subject",
  "sentiment",
  "performed_by",
  "performed_by_name",
  "interaction_date",
] as const satisfies readonly (keyof StoredInteraction)[];
export type ContactRow = Pick<StoredInteraction, (typeof CONTACT)[number]>;

export const CONTACTS: ListDefinition<ContactRow> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  fields: CONTACT,
};

const ANSWER = [
  "id",
  "customer_id",
  "survey_type",
  "score",
  "feedback_text",
  "submitted_at",
] as const satisfies readonly (keyof StoredSurvey)[];
export type AnswerRow = Pick<StoredSurvey, (typeof ANSWER)[number]>;

export const ANSWERS: ListDefinition<AnswerRow> = {
  entity: "survey",
  time: ({ submitted_at }) => submitted_at,
  fields: ANSWER,
};

const ALERT = [
  "id",
  "customer_id",
  "alert_type",
  "severity",
  "title",
  "description",
  "is_resolved",
  "created_at",
] as const satisfies readonly (keyof StoredAlert)[];
export type AlertRow = Pick<StoredAlert, (typeof ALERT)[number]>;

export const ALERTS: ListDefinition<AlertRow> = {
  entity: "alert",
  time: ({ created_at }) => created_at,
  fields: ALERT,
};
