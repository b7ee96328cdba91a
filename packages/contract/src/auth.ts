import * as z from "zod";
import { get, ownAccount, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { User } from "./user.ts";
import { email, line, message, newPassword, optionalLine, typedPassword } from "./values.ts";

/** OAuth2 password grant (RFC 6749, 4.3), as the docs page sends it too. */
export const Login = z
  .object({
    username: line(254),
    password: typedPassword,
    grant_type: z.union([z.literal("password"), z.literal("")], "must be password").optional(),
    scope: z.string().max(255).optional(),
    client_id: z.string().max(255).optional(),
    client_secret: z.string().max(255).optional(),
    refresh_token: z.string().max(2048).optional().meta({
      description:
        "A refresh token of an earlier session on this device, also one that has ended or expired: the device is known then, and strangers who try the account do not slow it down",
    }),
  })
  .meta({ id: "Login" });

export const Tokens = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.int().meta({ description: "Seconds until the access token ends" }),
  })
  .meta({ id: "Tokens" });

export const RefreshToken = z
  .object({ refresh_token: z.string().min(1, "must not be empty").max(2048) })
  .meta({ id: "RefreshToken" });

export const Profile = z
  .object({
    email: email.nullish(),
    full_name: line(255).nullish(),
    phone: optionalLine(50).optional(),
    current_password: typedPassword.nullish().meta({ description: "Needed for another e-mail address" }),
  })
  .meta({ id: "Profile" });
export type Profile = z.infer<typeof Profile>;

export const PasswordChange = z
  .object({ current_password: typedPassword, new_password: newPassword })
  .meta({ id: "PasswordChange" });
export type PasswordChange = z.infer<typeof PasswordChange>;

export const NewPassword = z
  .object({ token: z.string().min(1, "must not be empty").max(256), new_password: newPassword })
  .meta({ id: "NewPassword" });

export const auth = group(
  "auth",
  "Sign in, stay signed in, sign out",
  ownAccount({
    login: post("/login", {
      summary: "Sign in with e-mail and password",
      access: "public",
      form: Login,
      returns: Tokens,
      errors: [401, 403, 429],
    }),
    refresh: post("/refresh", {
      summary:
        "Exchange a refresh token for new tokens. Each works once; for 30 seconds it gives the same new one again, for a second tab or a lost answer",
      access: "public",
      body: RefreshToken,
      returns: Tokens,
      errors: [401, 403],
    }),
    logout: post("/logout", {
      summary: "End this session: its access and refresh tokens stop working at once",
      access: "member",
      body: z.object({ refresh_token: z.string().max(2048).nullish() }).nullish(),
      returns: message,
    }),
    me: get("/me", { summary: "The signed-in user", access: "member", returns: User }),
    updateMe: put("/me", {
      summary: "Change own name, phone or e-mail; another e-mail needs the current password",
      access: "member",
      body: Profile,
      returns: User,
      errors: [409, 412, 429],
    }),
    changePassword: put("/me/password", {
      summary: "Change own password; all other sessions end",
      access: "member",
      body: PasswordChange,
      returns: message,
      errors: [429],
      alias: ["/change-password"],
    }),
    setPassword: post("/set-password", {
      summary: "Set a password by the token of a mailed link, which works once",
      access: "public",
      body: NewPassword,
      returns: message,
      errors: [404, 409, 410, 429],
    }),
  }),
);
