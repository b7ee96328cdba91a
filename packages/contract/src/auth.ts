import * as z from "zod";
import { get, noted, ownAccount, post, put, rawResponse } from "./dsl/endpoint.ts";
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
export type Tokens = z.infer<typeof Tokens>;

/** What the right password gives where a second factor is to follow. */
export const SignInTicket = z
  .object({
    second_factor_required: z.literal(true),
    ticket: z.string(),
    expires_in: z.int().meta({ description: "Seconds until the ticket ends" }),
  })
  .meta({ id: "SignInTicket" });
export type SignInTicket = z.infer<typeof SignInTicket>;

export const SecondFactorSignIn = z
  .object({
    ticket: z.string().min(1, "must not be empty").max(256),
    code: z.string().min(1, "must not be empty").max(64),
  })
  .meta({ id: "SecondFactorSignIn" });

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

export const ForgottenPassword = z.object({ email }).meta({ id: "ForgottenPassword" });

export const TokenStatus = z
  .object({
    valid: z.boolean(),
    email: z.string().nullable(),
    message: z.string().nullable().meta({ description: "Why the token is good no more; null while it is" }),
  })
  .meta({ id: "PasswordTokenStatus" });
/** How people sign in here, as a log-in page needs to know it. */
export const LoginMethods = z
  .object({
    password: z.boolean().meta({ description: "Whether `POST /auth/login` takes passwords" }),
    oidc: z
      .object({ label: z.string(), login_url: z.url() })
      .nullable()
      .meta({ description: "The provider of this stage; null without one" }),
  })
  .meta({ id: "LoginMethods" });
export type LoginMethods = z.infer<typeof LoginMethods>;

/** RFC 7636: 43 characters for SHA-256, 43 to 128 for the verifier. */
const codeChallenge = z
  .string()
  .regex(/^[\w-]{43}$/, "must be the SHA-256 of the code verifier in base64url");
const codeVerifier = z.string().regex(/^[\w.~-]{43,128}$/, "must be 43 to 128 of A-Z a-z 0-9 - . _ ~");

export const OidcLogin = z.object({
  code_challenge: codeChallenge,
  return_to: z.string().max(1024, "must be at most 1024 characters").optional(),
});
export type OidcLogin = z.infer<typeof OidcLogin>;

/** Providers send codes of up to some 2 KB (Entra); nothing of it is believed before `state` is. */
const sent = z.string().max(4096, "must be at most 4096 characters").optional();

/** What a provider sends the browser back with (RFC 6749, 4.1.2; RFC 9207). */
export const OidcAnswer = z.object({
  state: sent,
  code: sent,
  iss: sent,
  error: sent,
});
export type OidcAnswer = z.infer<typeof OidcAnswer>;

export const OidcCode = z
  .object({
    code: z.string().min(1, "must not be empty").max(256, "must be at most 256 characters"),
    code_verifier: codeVerifier,
  })
  .meta({ id: "OidcCode" });
export type OidcCode = z.infer<typeof OidcCode>;

export const auth = group(
  "auth",
  "Sign in, stay signed in, sign out",
  ownAccount({
    login: post("/login", {
      summary: "Sign in with e-mail and password",
      access: "public",
      form: Login,
      returns: z.union([Tokens, SignInTicket]),
      errors: [401, 403, 429],
    }),
    secondFactor: post("/login/second-factor", {
      summary: "Go on with signing in: the ticket of the password, and a code of the app or a recovery code",
      access: "public",
      body: SecondFactorSignIn,
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
      beforeSecondFactor: true,
      body: z.object({ refresh_token: z.string().max(2048).nullish() }).nullish(),
      returns: message,
    }),
    me: get("/me", {
      summary: "The signed-in user",
      access: "member",
      beforeSecondFactor: true,
      returns: User,
    }),
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
    forgotPassword: post("/forgot-password", {
      summary: "Have a link mailed that sets another password; the same answer whoever has the address",
      access: "public",
      body: ForgottenPassword,
      returns: noted(message),
      errors: [403, 429],
    }),
    validateToken: get("/reset-password/validate/{token}", {
      summary: "Whether the token of a mailed link can set a password, and whose",
      access: "public",
      params: { token: z.string() },
      returns: TokenStatus,
      errors: [429],
    }),
    setPassword: post("/set-password", {
      summary: "Set a password by the token of a mailed link, which works once",
      access: "public",
      body: NewPassword,
      returns: message,
      errors: [403, 404, 409, 410, 429],
      alias: ["/reset-password"],
    }),
    methods: get("/methods", {
      summary: "How people sign in here: by password, by the provider of this stage, or both",
      access: "public",
      returns: LoginMethods,
    }),
    oidcLogin: get("/oidc/login", {
      summary: "Begin a log-in with the provider of this stage: leads the browser there",
      access: "public",
      query: OidcLogin,
      returns: rawResponse("text/plain", 302),
      errors: [404],
    }),
    oidcCallback: get("/oidc/callback", {
      summary:
        "Where the provider sends the browser back to; leads on to the web app with a code, or with what went wrong",
      access: "public",
      query: OidcAnswer,
      returns: rawResponse("text/plain", 302),
      errors: [400, 403, 404, 409, 429],
    }),
    oidcExchange: post("/oidc/exchange", {
      summary: "Exchange the code that a log-in with the provider ended with for tokens. Each works once",
      access: "public",
      body: OidcCode,
      returns: Tokens,
      errors: [401, 403, 404, 429],
    }),
  }),
);
