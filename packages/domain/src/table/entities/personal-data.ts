import { PersonalDataKind } from "@success-manager/contract/personal-data";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byDueDate, byId } from "../keys.ts";

/** Whom a run is about, and what it has found out on its way. Gone when the run is done. */
export interface PersonalDataWork {
  readonly email?: string | undefined;
  readonly user_id?: string | undefined;
  /** How they are called, customers whose contact they are, their links and answers, and what they wrote there. */
  readonly names: readonly string[];
  readonly customers: readonly string[];
  readonly links: readonly string[];
  readonly surveys: readonly string[];
  readonly texts: readonly string[];
  /** Items about which the audit trail may hold something: `<entity> <id>`. */
  readonly touched: readonly string[];
  /** Which part is worked on, and where that goes on. */
  readonly part: number;
  readonly cursor?: Readonly<Record<string, string>> | undefined;
  /** What is erased from the page that is worked on, `<entity> <id>`: noted before, so that it counts once however often it is tried. */
  readonly planned?: readonly string[] | undefined;
  /** How much is erased at the end, noted before for the same reason. */
  readonly last?: Readonly<Record<string, number>> | undefined;
  /** When the earliest of the person's data is from. */
  readonly since?: string | undefined;
}

/** A person's data that is to be exported or erased, and the certificate of it. */
export const PersonalDataEntity = new Entity(
  {
    model: { service: "success-manager", entity: "personal_data", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      kind: { type: PersonalDataKind.options, required: true },
      status: { type: ["pending", "completed", "failed"] as const, required: true },
      /** What keeps a person to one run of a kind: removed when the run is done. */
      open_key: { type: "string" },
      work: { type: CustomAttributeType<PersonalDataWork>("any") },
      counts: { type: CustomAttributeType<Readonly<Record<string, number>>>("any"), required: true },
      error: { type: "string" },
      /** How often it has failed. */
      attempts: { type: "number" },
      created_at: { type: "string", required: true },
      created_by_id: { type: "string", required: true },
      finished_at: { type: "string" },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("personal_data", "id"),
      byDueDate: byDueDate(
        "personal_data",
        "created_at",
        ({ status }: { status?: string | undefined }) => status === "pending",
      ),
    },
  },
  table,
);
export type StoredPersonalData = EntityItem<typeof PersonalDataEntity>;
