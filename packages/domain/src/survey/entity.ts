import { SurveyType } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { byId, byTime, inHistory, table } from "../table/index.ts";

export const SurveyEntity = new Entity(
  {
    model: { service: "success-manager", entity: "survey", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      product_deployment_id: { type: "string" },
      survey_type: { type: SurveyType.options, required: true },
      score: { type: "number", required: true },
      feedback_text: { type: "string" },
      submitted_by_name: { type: "string", required: true },
      submitted_by_email: { type: "string" },
      submitted_at: { type: "string", required: true },
      ticket_reference: { type: "string" },
    },
    indexes: {
      primary: byId("survey", "id"),
      byCustomer: inHistory("submitted_at"),
      byType: byTime("survey", "submitted_at"),
    },
  },
  table,
);
export type StoredSurvey = EntityItem<typeof SurveyEntity>;
