import * as z from "zod";
import { revision, timestamp } from "./values.ts";
import { Role } from "./vocabulary.ts";

export const User = z
  .object({
    id: z.uuid(),
    email: z.string(),
    full_name: z.string(),
    role: Role,
    is_active: z.boolean(),
    last_login: timestamp.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
    revision,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;
