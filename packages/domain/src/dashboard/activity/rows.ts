import type { StoredAlert } from "../../alert/entity.ts";
import type { StoredInteraction } from "../../interaction/entity.ts";
import type { Kind } from "../../listing/index.ts";
import type { StoredSurvey } from "../../survey/entity.ts";

/** Nobody searches the feed. */
const texts = { columns: [], lowercase: true };

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

export const CONTACTS: Kind<ContactRow> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  columns: CONTACT,
  texts,
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

export const ANSWERS: Kind<AnswerRow> = {
  entity: "survey",
  time: ({ submitted_at }) => submitted_at,
  columns: ANSWER,
  texts,
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

export const ALERTS: Kind<AlertRow> = {
  entity: "alert",
  time: ({ created_at }) => created_at,
  columns: ALERT,
  texts,
};
