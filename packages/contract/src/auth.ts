import * as z from "zod";
import { get, post, put } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { User } from "./user.ts";
import { email, line, message, newPassword } from "./values.ts";

/** OAuth2 password grant (RFC 6749, 4.3), as the docs page sends it too. */
export const Login = z
  .object({
    username: line(254),
    password: z.string().min(1, "must not be empty").max(1024),
    grant_type: z.union([z.literal("password"), z.literal("")], "must be password").optional(),
    scope: z.string().max(255).optional(),
    client_id: z.string().max(255).optional(),
    client_secret: z.string().max(255).optional(),
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
  .object({ email: email.nullish(), full_name: line(255).nullish(), phone: line(50, 0).nullish() })
  .meta({ id: "Profile" });

export const PasswordChange = z
  .object({ current_password: z.string().min(1, "must not be empty").max(1024), new_password: newPassword })
  .meta({ id: "PasswordChange" });

export const auth = group("auth", "Sign in, stay signed in, sign out", {
  login: post("/login", {
    summary: "Sign in with e-mail and password",
    access: "public",
    form: Login,
    returns: Tokens,
    errors: [401, 403, 429],
  }),
  refresh: post("/refresh", {
    summary: "Exchange a refresh token for new tokens; each works once",
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
    summary: "Change own name or e-mail",
    access: "member",
    body: Profile,
    returns: User,
    errors: [409, 412],
  }),
  changePassword: put("/me/password", {
    summary: "Change own password; every session ends and has to sign in again",
    access: "member",
    body: PasswordChange,
    returns: message,
    errors: [401],
    alias: ["/change-password"],
  }),
});
