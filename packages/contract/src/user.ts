import * as z from "zod";
import { revision, timestamp } from "./values.ts";
import { CustomerAccess, Role } from "./vocabulary.ts";

export const User = z
  .object({
    id: z.uuid(),
    email: z.string(),
    full_name: z.string(),
    phone: z.string().nullable(),
    role: Role,
    access: CustomerAccess,
    team: z.string().nullable(),
    is_active: z.boolean(),
    last_login: timestamp.nullable(),
    invited_at: timestamp
      .nullable()
      .meta({ description: "When the last invitation was made, as long as no password is set" }),
    avatar_url: z.string().nullable().meta({ description: "Of the picture; null without one" }),
    two_factor_enabled: z.boolean().meta({ description: "Whether signing in takes a second factor" }),
    created_at: timestamp,
    updated_at: timestamp,
    updated_by: z.string().nullable().meta({ description: "Name of who changed the account last" }),
    revision,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

/** A user who can manage an account, as pickers show them. */
export const AccountManager = z
  .object({ id: z.uuid(), full_name: z.string(), email: z.string(), role: Role })
  .meta({ id: "AccountManager" });
export type AccountManager = z.infer<typeof AccountManager>;
