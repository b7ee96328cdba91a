import * as z from "zod";
import { del, get, ownAccount, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { count, message, timestamp, typedPassword } from "./values.ts";

export const Session = z
  .object({
    id: z.uuid(),
    device_info: z.string().meta({ description: "What the browser or program says it is" }),
    ip_address: z.string().nullable(),
    location: z.null().meta({ description: "Not known: addresses are not looked up" }),
    created_at: timestamp.meta({ description: "When it was signed in" }),
    last_active: timestamp.meta({
      description: "When it last got new tokens: within 30 minutes of its last use",
    }),
    expires_at: timestamp.meta({ description: "When it ends if it is not used" }),
    is_current: z.boolean().meta({ description: "Whether this call came from it" }),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

export const SecondFactorStatus = z
  .object({
    enabled: z.boolean(),
    has_secret: z.boolean().meta({ description: "Whether one was set up, also where it is not on yet" }),
    enabled_at: timestamp.nullable(),
    required: z.boolean().meta({ description: "Whether the team asks for one (`/settings/security`)" }),
    recovery_codes_left: count,
  })
  .meta({ id: "SecondFactorStatus" });

export const SecondFactorSetup = z
  .object({
    secret: z.string().meta({ description: "Base32 (RFC 4648), to type into an app" }),
    provisioning_uri: z.string().meta({ description: "`otpauth://totp/…`, for apps" }),
    qr_code_data: z.string().meta({ description: "The same, as it is drawn" }),
    qr_code: z
      .string()
      .meta({ description: "The picture, as a data URL: nobody else need be asked to draw the secret" }),
  })
  .meta({ id: "SecondFactorSetup" });

export const RecoveryCodes = z
  .object({
    message: z.string(),
    recovery_codes: z.array(z.string()).meta({ description: "Each signs in once. Shown this once" }),
  })
  .meta({ id: "RecoveryCodes" });

export const Code = z
  .object({ code: z.string().min(1, "must not be empty").max(64) })
  .meta({ id: "SecondFactorCode" });

export const OwnProof = z
  .object({
    password: typedPassword.optional().meta({ description: "The own password, where there is one" }),
    code: Code.shape.code.optional().meta({
      description:
        "Where there is none, because one signs in at a provider: a code of the second factor, or a recovery code. Without a second factor neither: it takes a session that was signed in within five minutes",
    }),
  })
  .meta({ id: "OwnProof" });

export const account = group(
  "account",
  "Where one is signed in, and how",
  ownAccount({
    secondFactor: get("/2fa/status", {
      summary: "Whether a second factor is on, and whether it has to be",
      access: "member",
      beforeSecondFactor: true,
      returns: SecondFactorStatus,
    }),
    setUpSecondFactor: post("/2fa/setup", {
      summary: "Make a secret for an app that shows codes; asked for once `/2fa/enable` has seen one",
      access: "member",
      beforeSecondFactor: true,
      returns: SecondFactorSetup,
      errors: [400],
    }),
    enableSecondFactor: post("/2fa/enable", {
      summary: "Turn the second factor on, by a code of the app; all other sessions end",
      access: "member",
      beforeSecondFactor: true,
      body: Code,
      returns: RecoveryCodes,
      errors: [400, 429],
    }),
    renewRecoveryCodes: post("/2fa/recovery-codes", {
      summary: "Make new recovery codes, by a code of the app; the former ones end",
      access: "member",
      body: Code,
      returns: RecoveryCodes,
      errors: [400, 429],
    }),
    disableSecondFactor: del("/2fa/disable", {
      summary: "Turn the second factor off, with the password, or a code where there is none",
      access: "member",
      body: OwnProof,
      returns: message,
      errors: [400, 403, 429],
    }),
    close: del("/delete", {
      summary:
        "Close the own account, with the password, or a code where there is none: it is deactivated, and all sessions end",
      access: "member",
      body: OwnProof,
      returns: message,
      errors: [409, 429],
    }),
    sessions: get("/sessions", {
      summary: "Own sessions that are alive, last used first; the newest 100",
      access: "member",
      returns: z.array(Session),
    }),
    endSession: del("/sessions/{session_id}", {
      summary: "End one of the own sessions: its tokens stop working at once",
      access: "member",
      returns: message,
      errors: [404],
    }),
    endOtherSessions: del("/sessions", {
      summary: "End all own sessions but this one",
      access: "member",
      returns: message,
    }),
  }),
);
