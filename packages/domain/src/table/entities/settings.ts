import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId } from "../keys.ts";

/** A section of the settings. Holds what somebody has set; the rest follows the defaults of the contract. */
export const SettingsEntity = new Entity(
  {
    model: { service: "success-manager", entity: "settings", version: "1" },
    attributes: {
      section: { type: "string", required: true },
      values: { type: CustomAttributeType<Readonly<Record<string, unknown>>>("any"), required: true },
      updated_at: { type: "string", required: true },
      /** A person's name. */
      updated_by: { type: "string", required: true },
      revision: { type: "number", required: true },
    },
    indexes: { primary: byId("settings", "section") },
  },
  table,
);
export type StoredSettings = EntityItem<typeof SettingsEntity>;
