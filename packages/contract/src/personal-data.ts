import * as z from "zod";
import { accepted, get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { count, email, timestamp, uuid } from "./values.ts";

export const PersonalDataKind = z.enum(["export", "erasure"]);
export type PersonalDataKind = z.infer<typeof PersonalDataKind>;

export const Person = z
  .object({ email: email.optional(), user_id: uuid.optional() })
  .refine(({ email, user_id }) => (email === undefined) !== (user_id === undefined), {
    path: ["email"],
    error: "takes either email or user_id",
  })
  .meta({ id: "Person" });
export type Person = z.infer<typeof Person>;

export const PersonalDataRun = z
  .object({
    id: z.uuid(),
    kind: PersonalDataKind,
    status: z.enum(["pending", "completed", "failed"]),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
    counts: z.record(z.string(), count),
    error: z.string().nullable(),
    file: z.object({ url: z.url(), expires_at: timestamp }).nullable(),
  })
  .meta({ id: "PersonalDataRun" });
export type PersonalDataRun = z.infer<typeof PersonalDataRun>;

const run = accepted(PersonalDataRun, ({ status }) => status === "pending");

export const personalData = group(
  "personal-data",
  "What is known of a person: to give it to them, or to erase it",
  {
    exportPerson: post("/exports", {
      summary: "Collect what is known of a person, in the background",
      access: "admin",
      body: Person,
      costs: { quotas: ["jobs"] },
      returns: run,
      errors: [404],
    }),
    erase: post("/erasures", {
      summary: "Erase a person, in the background",
      access: "admin",
      body: Person,
      costs: { quotas: ["jobs"] },
      returns: run,
      errors: [404, 409],
    }),
    getRun: get("/runs/{id}", {
      summary: "How an export or an erasure goes, and what came of it",
      access: "admin",
      returns: run,
      errors: [404],
    }),
  },
);
