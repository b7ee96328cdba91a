import * as z from "zod";
import { PasswordChange, Profile } from "./auth.ts";
import { created, del, get, post, put, rawResponse } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page, paging } from "./paging.ts";
import { AccountManager, User } from "./user.ts";
import {
  email,
  flag,
  line,
  message,
  newPassword,
  optionalLine,
  searchText,
  timestamp,
  uuid,
  wholeNumber,
} from "./values.ts";
import { CustomerAccess, MailStatus, RoleInput } from "./vocabulary.ts";

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

/** Whose customers they see. */
const access = CustomerAccess.meta({ description: "Admins see all customers, so theirs is `all`" });
/** Null clears it. */
const team = optionalLine(100);

const newPerson = {
  ...person,
  role: RoleInput.default("viewer"),
  access: access.optional(),
  team: team.optional(),
};

export const NewUser = z.object({ ...newPerson, password: newPassword }).meta({ id: "NewUser" });
export type NewUser = z.infer<typeof NewUser>;

export const Invitation = z.object(newPerson).meta({ id: "UserInvitation" });
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

/** Null clears phone and team; elsewhere it counts as absent. */
export const UserChanges = z
  .object({
    email: email.nullish(),
    full_name: line(255).nullish(),
    phone: optionalLine(50).optional(),
    role: RoleInput.nullish(),
    access: access.nullish(),
    team: team.optional(),
    is_active: z.boolean().nullish(),
    password: newPassword.nullish(),
  })
  .meta({ id: "UserChanges" });
export type UserChanges = z.infer<typeof UserChanges>;

/** 5 MiB. */
export const MAX_AVATAR_BYTES = 5 * 1024 * 1024;

export const NewAvatar = z
  .object({
    bytes: wholeNumber(1, MAX_AVATAR_BYTES).meta({ description: "Exactly as large as the file" }),
    content_type: z
      .string()
      .regex(/^image\/[a-z0-9.+-]{1,40}$/i, "must be the type of a picture")
      .default("image/jpeg")
      .meta({ description: "Sent along with the file. What it is, is seen by its content" }),
  })
  .meta({ id: "NewAvatar" });
export type NewAvatar = z.infer<typeof NewAvatar>;

export const AvatarUpload = z
  .object({
    upload_id: z.uuid().meta({ description: "For `PUT /users/avatar`, once the file is there" }),
    method: z.literal("PUT"),
    url: z.string().meta({ description: "Where the file goes; it takes one of this size and type" }),
    headers: z.object({ "content-type": z.string() }).meta({ description: "To send along" }),
    expires_at: timestamp,
  })
  .meta({ id: "AvatarUpload" });

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
      beforeSecondFactor: true,
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
    startAvatar: post("/avatar", {
      summary: "Get an address to upload a picture of oneself to; it shows once `PUT /users/avatar` names it",
      access: "member",
      people: true,
      keyed: false,
      body: NewAvatar,
      returns: AvatarUpload,
      errors: [429],
    }),
    setAvatar: put("/avatar", {
      summary: "Show what was uploaded as one's own picture: a JPEG, PNG, GIF or WebP, drawn anew",
      access: "member",
      people: true,
      body: z.object({ upload_id: uuid }).meta({ id: "UploadedAvatar" }),
      returns: z.object({ avatar_url: z.string(), message: z.string() }).meta({ id: "Avatar" }),
    }),
    removeAvatar: del("/avatar", {
      summary: "Remove one's own picture",
      access: "member",
      people: true,
      returns: message,
    }),
    avatar: get("/avatars/{file}", {
      summary: "A picture of somebody, by the name that nobody guesses",
      access: "public",
      params: { file: z.string().regex(/^[0-9a-f]{64}\.png$/, "must be the name of a picture") },
      returns: rawResponse("image/png"),
      errors: [404],
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
    resetSecondFactor: del("/{user_id}/2fa", {
      summary: "Remove the second factor of somebody who has lost it; all of their sessions end",
      access: "admin",
      returns: message,
      errors: [400, 404],
    }),
    unlink: del("/{user_id}/identity", {
      summary: "Unlink a user from who they are at the provider of log-ins; all of their sessions end",
      access: "admin",
      returns: message,
      errors: [400, 404, 409],
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
