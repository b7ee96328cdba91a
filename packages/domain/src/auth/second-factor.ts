/**
 * The second factor: codes of an app that change every 30 seconds (TOTP, RFC 6238), and recovery codes for who has lost
 * the app. How it is set up, turned off and reset, how a code is checked, and what takes another proof. Signing in with one: `api.ts`.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, webcrypto } from "node:crypto";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import { badRequest, forbidden, notFound, Problem, unprocessable } from "@success-manager/contract/problem";
import type { SecuritySettings } from "@success-manager/contract/settings";
import type { User } from "@success-manager/contract/user";
import { countCodeAttempt } from "../rate-limit/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  commit,
  commitOne,
  deleteItem,
  emailKey,
  find,
  getRequest,
  getSession,
  LoginEntity,
  putItem,
  SecondFactorEntity,
  type StoredSecondFactor,
  updateItem,
  type Write,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { confirmPassword, deleteAvatar, Users, updateUser } from "../users/index.ts";
import { type SigningKey, signingKeys } from "./keys.ts";

/** What apps show above the code. */
const ISSUER = "Success Manager";
/** Of SHA-1, which is what apps know (RFC 4226, 4: at least 128 bits, 160 are recommended). */
const SECRET_BYTES = 20;
const STEP_SECONDS = 30;
/** Codes before and after the present one that are taken: clocks differ, and people type (RFC 6238, 5.2). */
const WINDOW = 1;

const RECOVERY_CODES = 10;
/** Characters of a recovery code: 80 bits. */
const RECOVERY_LENGTH = 16;
const SALT_BYTES = 16;

/**
 * Keys that secrets are encrypted with, a key for each user, follow from a secret of their own in Secrets Manager: the
 * signing keys change every 90 days, and with them would go the factor of who does not sign in for as long. A version of
 * it is good as long as there is it; what is encrypted with the one before is encrypted anew when it is used.
 */
const keys = signingKeys("SECOND_FACTOR_KEY_SECRET_ARN", Number.POSITIVE_INFINITY);

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The key of a user: HMAC as a pseudo-random function (NIST SP 800-108r1, 4.1, one block). */
async function keyOf(user_id: string, { key }: SigningKey): Promise<Buffer> {
  const label = new TextEncoder().encode(`second factor\0${user_id}`);
  return Buffer.from(await webcrypto.subtle.sign("HMAC", key, label));
}

/** Encrypts a user's secret; `<iv><tag><text>` in base64url. */
async function encrypt(user_id: string, secret: Uint8Array): Promise<{ secret: string; key_id: string }> {
  const signing = await keys.forSigning();
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, await keyOf(user_id, signing), iv);
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    secret: Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64url"),
    key_id: signing.id,
  };
}

/** @throws 403 when the key is gone that it was encrypted with; an error when it is somebody else's */
async function decrypt({ user_id, secret, key_id }: StoredSecondFactor): Promise<Uint8Array> {
  const [signing] = await keys.forVerifying(key_id);
  if (!signing) throw forbidden("Your second factor can't be checked any more. Ask an admin to reset it.");
  const bytes = Buffer.from(secret, "base64url");
  const decipher = createDecipheriv(CIPHER, await keyOf(user_id, signing), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Loaded with the first code: most requests bring a token. */
async function totpOf(secret: Uint8Array, label = "") {
  const { Secret, TOTP } = await import("otpauth");
  const buffer = new Uint8Array(secret).buffer;
  return new TOTP({ issuer: ISSUER, label, secret: new Secret({ buffer }), period: STEP_SECONDS });
}

/** The step of a code that the secret makes now, or made or makes within 30 seconds; undefined of another code. */
async function stepOf(secret: Uint8Array, code: string, now: Date): Promise<number | undefined> {
  const totp = await totpOf(secret);
  const delta = totp.validate({ token: code, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / STEP_SECONDS) + delta;
}

/** As it is compared, however it was typed: what is taken for a digit is one (Crockford's Base32). */
const normalize = (code: string) =>
  code.normalize("NFKC").replace(/[\s-]/g, "").toLowerCase().replace(/o/g, "0").replace(/[il]/g, "1");
const APP_CODE = /^\d{6}$/;

/** Digits and letters that are not taken for each other (Crockford's Base32). */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `abcd-efgh-jkmn-pqrs` */
function newRecoveryCode(): string {
  const characters = Array.from(randomBytes(RECOVERY_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]);
  return characters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

const recoveryHash = (salt: string, code: string) =>
  createHash("sha256").update(`${salt}\0${code}`).digest("base64url");

/** New recovery codes, and what is stored of them. */
function newRecoveryCodes() {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  const recovery_salt = randomBytes(SALT_BYTES).toString("base64url");
  const recovery_hashes = codes.map((code) => recoveryHash(recovery_salt, normalize(code)));
  return { codes, stored: { recovery_salt, recovery_hashes } };
}

export const factorRequest = (user_id: string) => getRequest(SecondFactorEntity, user_id);

/** Whether the team asks a user for a second factor. */
export const isRequired = (
  { second_factor_required_for: who }: SecuritySettings,
  { role }: Pick<User, "role">,
): boolean => who === "everybody" || (who === "admins" && role === "admin");

/** A code that was right, and the write that uses it up: its condition fails when somebody else has used it. */
export interface UsedCode {
  readonly write: Write;
  /** Whether it was a recovery code. */
  readonly isRecovery: boolean;
}

/**
 * Checks a code of the app or a recovery code. A code of the app is good for one use, and so are all before it.
 *
 * @returns undefined when it is wrong or was used
 */
export async function checkCode(
  factor: StoredSecondFactor,
  typed: string,
  now = new Date(),
): Promise<UsedCode | undefined> {
  const code = normalize(typed);
  const { user_id, generation } = factor;
  if (APP_CODE.test(code)) {
    const secret = await decrypt(factor);
    const step = await stepOf(secret, code, now);
    if (step === undefined || step <= (factor.last_step ?? 0)) return undefined;
    // Under the newest key from now on, if there is another one.
    const { id } = await keys.forSigning();
    const renewed = id === factor.key_id ? {} : await encrypt(user_id, secret);
    return {
      isRecovery: false,
      write: updateItem(
        SecondFactorEntity.patch({ user_id })
          .set({ last_step: step, ...renewed })
          .where((stored, { eq, exists, lt, notExists }) =>
            [
              eq(stored.secret, factor.secret),
              exists(stored.enabled_at),
              `(${notExists(stored.last_step)} OR ${lt(stored.last_step, step)})`,
            ].join(" AND "),
          ),
      ),
    };
  }
  const hash = recoveryHash(factor.recovery_salt ?? "", code);
  const hashes = factor.recovery_hashes ?? [];
  const left = hashes.filter((one) => !constantTimeEqual(one, hash));
  if (left.length === hashes.length) return undefined;
  return {
    isRecovery: true,
    write: updateItem(
      SecondFactorEntity.patch({ user_id })
        .set({ recovery_hashes: left, generation: generation + 1 })
        .where((stored, { eq, exists }) =>
          [eq(stored.generation, generation), exists(stored.enabled_at)].join(" AND "),
        ),
    ),
  };
}

/** Whether the actor has a second factor, needs one, and how many recovery codes are left. */
export async function getStatus(actor: UserActor) {
  const [factor, security] = await batchGet(factorRequest(actor.id), settingsRequest("security"));
  const enabled = factor?.enabled_at !== undefined;
  return {
    enabled,
    has_secret: factor !== undefined,
    enabled_at: factor?.enabled_at ?? null,
    required: isRequired(settingsOf("security", security), actor),
    recovery_codes_left: enabled ? (factor.recovery_hashes?.length ?? 0) : 0,
  };
}

const ALREADY_ON = "A second factor is on already. Turn it off first.";
const NOT_SET_UP = "Set up a second factor first: POST /account/2fa/setup.";
const WRONG_CODE = "The code is wrong, or was used before. Take the one that the app shows now.";

/**
 * Makes a secret for the actor's app, instead of one that was not turned on. It is shown this once.
 *
 * @throws 400 when a second factor is on
 */
export async function setUp(actor: UserActor, now = new Date()) {
  const bytes = randomBytes(SECRET_BYTES);
  const factor = {
    user_id: actor.id,
    ...(await encrypt(actor.id, bytes)),
    created_at: now.toISOString(),
    generation: 1,
  };
  const isNew = await commitOne(
    putItem(SecondFactorEntity.put(factor).where((stored, { notExists }) => notExists(stored.enabled_at))),
  );
  if (!isNew) throw badRequest(ALREADY_ON);
  const [totp, { renderSVG }] = await Promise.all([totpOf(bytes, actor.email), import("uqr")]);
  const uri = totp.toString();
  const picture = Buffer.from(renderSVG(uri)).toString("base64");
  return {
    secret: totp.secret.base32,
    provisioning_uri: uri,
    qr_code_data: uri,
    qr_code: `data:image/svg+xml;base64,${picture}`,
  };
}

/**
 * Turns the actor's second factor on, with a code that shows that the app has the secret. All other sessions end. Of
 * many at once one succeeds, and its recovery codes hold.
 *
 * @returns the recovery codes, this once
 * @throws 400 when none was set up, one is on, or the code is wrong; 429 after too many tries
 */
export async function enable(actor: UserActor, { code }: { readonly code: string }, now = new Date()) {
  await countCodeAttempt(actor.id, "own", now.getTime());
  const factor = await find(factorRequest(actor.id));
  if (!factor) throw badRequest(NOT_SET_UP);
  if (factor.enabled_at) throw badRequest(ALREADY_ON);
  const step = APP_CODE.test(normalize(code)) && (await stepOf(await decrypt(factor), normalize(code), now));
  if (!step) throw badRequest(WRONG_CODE);
  const { codes, stored } = newRecoveryCodes();
  const at = now.toISOString();
  const write = updateItem(
    SecondFactorEntity.patch({ user_id: actor.id })
      .set({ enabled_at: at, last_step: step, ...stored, generation: factor.generation + 1 })
      .where(({ secret, enabled_at }, { eq, notExists }) =>
        [eq(secret, factor.secret), notExists(enabled_at)].join(" AND "),
      ),
  );
  await updateUser(actor.id, {
    second_factor: { at, write, notice: "second_factor_on", endsSessions: true },
    kept_session: actor.session_id,
  }).catch((error: unknown) => {
    if (error instanceof Problem && error.status === 409) throw badRequest(ALREADY_ON);
    throw error;
  });
  return {
    message:
      "The second factor is on. Keep the recovery codes where you find them without your phone: each lets you in once.",
    recovery_codes: codes,
  };
}

/**
 * Makes new recovery codes instead of the actor's former ones, with a code of the app.
 *
 * @throws 400 when no second factor is on, or the code is wrong; 429 after too many tries
 */
export async function renewRecoveryCodes(
  actor: UserActor,
  { code }: { readonly code: string },
  now = new Date(),
) {
  await countCodeAttempt(actor.id, "own", now.getTime());
  const factor = await find(factorRequest(actor.id));
  if (!factor?.enabled_at) throw badRequest("No second factor is on.");
  const step = APP_CODE.test(normalize(code)) && (await stepOf(await decrypt(factor), normalize(code), now));
  if (!step || step <= (factor.last_step ?? 0)) throw badRequest(WRONG_CODE);
  const { codes, stored } = newRecoveryCodes();
  const { generation } = factor;
  const isRenewed = await commitOne(
    updateItem(
      SecondFactorEntity.patch({ user_id: actor.id })
        .set({ last_step: step, ...stored, generation: generation + 1 })
        .where((now, { eq, lt, notExists }) =>
          [
            eq(now.generation, generation),
            `(${notExists(now.last_step)} OR ${lt(now.last_step, step)})`,
          ].join(" AND "),
        ),
    ),
  );
  if (!isRenewed) throw badRequest(WRONG_CODE);
  return {
    message: "These are your recovery codes now; the former ones are good no more.",
    recovery_codes: codes,
  };
}

/** Removes a factor that is on. */
const removal = (user_id: string): Write =>
  deleteItem(SecondFactorEntity.delete({ user_id }).where((stored, { exists }) => exists(stored.enabled_at)));

/** What somebody shows who is signed in, for what an open session is not enough for. */
interface Proof {
  readonly password?: string | undefined;
  /** Of the app, or a recovery code: for who has no password. */
  readonly code?: string | undefined;
}

/** How long ago somebody may have signed in at a provider who has nothing else to show. */
const FRESH_MS = 5 * 60 * 1000;

/**
 * Makes sure once more that it is the actor: by their password. Who has none, because they sign in at a provider, shows
 * a code of their second factor, which is used up; without one, they have to have signed in within five minutes.
 *
 * @returns what the change relies on
 * @throws 422 when the proof is missing or wrong; 429 after too many tries
 */
async function prove(actor: UserActor, { password, code }: Proof, sourceIp: string) {
  if (password !== undefined)
    return { proven_hash: await confirmPassword(actor, password, sourceIp, "password") };
  const [login, factor, session] = await batchGet(
    getRequest(LoginEntity, emailKey(actor.email)),
    factorRequest(actor.id),
    getSession(actor.id, actor.session_id),
  );
  if (login === undefined || login.password_hash !== undefined)
    throw unprocessable("password", "is required");
  if (factor?.enabled_at !== undefined) {
    if (code === undefined) throw unprocessable("code", "is required, because this account has no password");
    await countCodeAttempt(actor.id, "own", Date.now());
    const used = await checkCode(factor, code);
    // A transaction: two people with the same code write the same.
    if (!used || (await commit([used.write])).length > 0)
      throw unprocessable("code", "is wrong, or was used before");
    return {};
  }
  if (session === undefined || Date.parse(session.created_at) < Date.now() - FRESH_MS)
    throw unprocessable(
      "password",
      "this account has none: sign in again by your organization's log-in, and do this within five minutes",
    );
  return {};
}

/**
 * Turns the actor's second factor off.
 *
 * @throws 400 when none is on; 403 when the team asks for one; what `prove` throws
 */
export async function disable(
  actor: UserActor,
  proof: Proof,
  sourceIp: string,
): Promise<{ message: string }> {
  const proven = await prove(actor, proof, sourceIp);
  const status = await getStatus(actor);
  if (!status.enabled) throw badRequest("No second factor is on.");
  if (status.required) throw forbidden("Your team asks for a second factor. An admin can reset yours.");
  const off = {
    at: null,
    write: removal(actor.id),
    notice: "second_factor_off",
    endsSessions: false,
  } as const;
  await updateUser(actor.id, { second_factor: off, ...proven }).catch((error: unknown) => {
    if (error instanceof Problem && error.status === 409) throw badRequest("No second factor is on.");
    throw error;
  });
  return { message: "The second factor is off: you sign in without it." };
}

/**
 * Deactivates the actor's own account; all sessions end, and the picture is deleted. An admin can bring the account back.
 *
 * @throws 409 for the last active admin; what `prove` throws
 */
export async function close(actor: UserActor, proof: Proof, sourceIp: string): Promise<{ message: string }> {
  const proven = await prove(actor, proof, sourceIp);
  const { before } = await updateUser(actor.id, { is_active: false, avatar: null, ...proven });
  await deleteAvatar(before);
  return { message: "Your account is closed, and you are signed out everywhere." };
}

/**
 * Removes the second factor of somebody who has lost app and recovery codes, on behalf of an admin. All of their sessions
 * end, and they are told by mail.
 *
 * @throws 400 for one's own; 404 when there is no such user, or none is on
 */
export async function reset(id: string, actor: UserActor): Promise<{ message: string }> {
  if (id === actor.id)
    throw badRequest("You can't reset your own second factor. Turn it off: DELETE /account/2fa/disable.");
  const { full_name, two_factor_enabled } = await Users.get([await find(Users.reads(id)[0])]);
  if (!two_factor_enabled) throw notFound("Second factor");
  const off = {
    at: null,
    write: removal(id),
    notice: "second_factor_reset",
    endsSessions: true,
  } as const;
  await updateUser(id, { second_factor: off }).catch((error: unknown) => {
    if (error instanceof Problem && error.status === 409) throw notFound("Second factor");
    throw error;
  });
  return { message: `${full_name} has no second factor any more, and is told by mail.` };
}
