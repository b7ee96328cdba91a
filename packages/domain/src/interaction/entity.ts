import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { byId, byTime, inHistory, table } from "../table/index.ts";

export const InteractionEntity = new Entity(
  {
    model: { service: "success-manager", entity: "interaction", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      interaction_type: { type: InteractionType.options, required: true },
      subject: { type: "string", required: true },
      description: { type: "string", required: true },
      sentiment: { type: Sentiment.options, required: true },
      performed_by: { type: "string", required: true },
      interaction_date: { type: "string", required: true },
      follow_up_required: { type: "boolean", required: true },
      follow_up_date: { type: "string" },
    },
    indexes: {
      primary: byId("interaction", "id"),
      byCustomer: inHistory("interaction_date"),
      byType: byTime("interaction", "interaction_date"),
    },
  },
  table,
);
export type StoredInteraction = EntityItem<typeof InteractionEntity>;
