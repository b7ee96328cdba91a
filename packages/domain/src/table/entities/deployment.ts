import { Environment, Product } from "@success-manager/contract/vocabulary";
import { Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, inDirectory } from "../keys.ts";

export const DeploymentEntity = new Entity(
  {
    model: { service: "success-manager", entity: "deployment", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      customer_id: { type: "string", required: true },
      product_name: { type: Product.options, required: true },
      deployment_date: { type: "string", required: true },
      version: { type: "string", required: true },
      environment: { type: Environment.options, required: true },
      license_type: { type: "string", required: true },
      license_expiry: { type: "string", required: true },
      is_active: { type: "boolean", required: true },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      changed_at: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("deployment", "id"), byType: inDirectory("id") },
  },
  table,
);
export type StoredDeployment = EntityItem<typeof DeploymentEntity>;
