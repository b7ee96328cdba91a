import * as z from "zod";
import { PasswordChange, Profile } from "./auth.ts";
import { created, del, get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging } from "./paging.ts";
import { AccountManager, User } from "./user.ts";
import { email, flag, line, message, newPassword, optionalLine, searchText, timestamp } from "./values.ts";
import { MailStatus, RoleInput } from "./vocabulary.ts";

/** What the web client calls users who can manage an account. */
export const ACCOUNT_MANAGER_ROLES: readonly string[] = ["account_manager", "csm"];

export const UserFilter = z.object({
  ...paging(),
  search: searchText
    .optional()
    .meta({ description: "Part of the e-mail or the name, without regard to case and accents" }),
  role: line(64).optional().meta({
    description:
      "`account_manager` and `csm` mean active admins and managers, `user` means `viewer`; an unknown role gives an empty page",
  }),
  is_active: flag.optional(),
});
export type UserFilter = z.infer<typeof UserFilter>;

const person = { email, full_name: line(255), phone: optionalLine(50).optional() };

export const NewUser = z
  .object({ ...person, role: RoleInput.default("viewer"), password: newPassword })
  .meta({ id: "NewUser" });
export type NewUser = z.infer<typeof NewUser>;

export const Invitation = z
  .object({ ...person, role: RoleInput.default("viewer") })
  .meta({ id: "UserInvitation" });
export type Invitation = z.infer<typeof Invitation>;

export const InvitedUser = z
  .object({
    ...User.shape,
    invitation_expires_at: timestamp,
    mail_status: MailStatus.meta({
      description:
        "With `unknown` it may have gone out, with `suppressed` it did not: mail to this address had bounced, or was reported as spam",
    }),
    mail_error: z
      .string()
      .nullable()
      .meta({ description: "Why it was not sent, may not have been, or did not arrive, for a person" }),
  })
  .meta({ id: "InvitedUser" });
export type InvitedUser = z.infer<typeof InvitedUser>;

/** Null clears the phone; elsewhere it counts as absent. */
export const UserChanges = z
  .object({
    email: email.nullish(),
    full_name: line(255).nullish(),
    phone: optionalLine(50).optional(),
    role: RoleInput.nullish(),
    is_active: z.boolean().nullish(),
    password: newPassword.nullish(),
  })
  .meta({ id: "UserChanges" });
export type UserChanges = z.infer<typeof UserChanges>;

export const users = group(
  "users",
  "The team's accounts, for admins; and what the web client asks here of all",
  {
    list: get("/", {
      summary: "List users; those who can manage an account (`role=csm`) for everybody, by name",
      access: "member",
      people: true,
      query: UserFilter,
      returns: page("users", z.union([User, AccountManager])),
    }),
    create: post("/", {
      summary: "Create a user",
      access: "admin",
      body: NewUser,
      returns: created(User),
      errors: [409],
    }),
    invite: post("/invite", {
      summary: "Create a user without a password and mail a link to set one; once more sends a new link",
      access: "admin",
      body: Invitation,
      costs: { quotas: ["mails"] },
      returns: created(InvitedUser),
      errors: [409],
    }),
    profile: get("/profile", {
      summary: "The same as GET /auth/me",
      access: "member",
      people: true,
      returns: User,
    }),
    updateProfile: put("/profile", {
      summary: "The same as PUT /auth/me",
      access: "member",
      people: true,
      body: Profile,
      returns: User,
      errors: [409, 412, 429],
    }),
    changePassword: put("/change-password", {
      summary: "The same as PUT /auth/me/password",
      access: "member",
      people: true,
      body: PasswordChange,
      returns: message,
      errors: [429],
    }),
    get: get("/{user_id}", { summary: "Get a user", access: "admin", returns: User, errors: [404] }),
    update: put("/{user_id}", {
      summary: "Change a user; a new password ends all of their sessions, of one's own all others",
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
    deactivate: put("/{user_id}/deactivate", {
      summary: "The same as /activate with `is_active: false`",
      access: "admin",
      returns: User,
      errors: [400, 404, 409, 412],
    }),
    reactivate: put("/{user_id}/reactivate", {
      summary: "The same as /activate with `is_active: true`",
      access: "admin",
      returns: User,
      errors: [400, 404, 409, 412],
    }),
  },
);
