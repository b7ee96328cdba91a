import * as z from "zod";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging } from "./paging.ts";
import { User } from "./user.ts";
import { email, flag, line, message, newPassword, searchText } from "./values.ts";
import { Role } from "./vocabulary.ts";

export const UserFilter = z.object({
  ...paging(),
  search: searchText
    .optional()
    .meta({ description: "Part of the e-mail or the name, without regard to case and accents" }),
  role: line(64).optional().meta({ description: "An unknown role gives an empty page" }),
  is_active: flag.optional(),
});
export type UserFilter = z.infer<typeof UserFilter>;

export const NewUser = z
  .object({ email, full_name: line(255), role: Role.default("viewer"), password: newPassword })
  .meta({ id: "NewUser" });
export type NewUser = z.infer<typeof NewUser>;

/** Null counts as absent: none of these can be cleared. */
export const UserChanges = z
  .object({
    email: email.nullish(),
    full_name: line(255).nullish(),
    role: Role.nullish(),
    is_active: z.boolean().nullish(),
    password: newPassword.nullish(),
    phone: line(50, 0).nullish(),
  })
  .meta({ id: "UserChanges" });
export type UserChanges = z.infer<typeof UserChanges>;

export const users = group("users", "The team's accounts; admins only", {
  list: get("/", { summary: "List users", access: "admin", query: UserFilter, returns: page("users", User) }),
  create: post("/", {
    summary: "Create a user",
    access: "admin",
    body: NewUser,
    returns: created(User),
    errors: [409],
  }),
  get: get("/{user_id}", { summary: "Get a user", access: "admin", returns: User, errors: [404] }),
  update: put("/{user_id}", {
    summary: "Change a user; a new password ends all of their sessions",
    access: "admin",
    body: UserChanges,
    returns: User,
    errors: [400, 404, 409, 412],
  }),
  remove: del("/{user_id}", {
    summary: "Deactivate a user for good; the e-mail stays reserved",
    access: "admin",
    returns: message,
    errors: [400, 404, 409, 412],
  }),
  activate: put("/{user_id}/activate", {
    summary: "Activate or deactivate a user",
    access: "admin",
    body: z.object({ is_active: z.boolean("must be true or false") }).meta({ id: "Activation" }),
    returns: User,
    errors: [400, 404, 409, 412],
  }),
});
