/**
 * Log-in with the stage's provider, in three steps (decision 45): `begin` leads the browser to the provider, `complete`
 * takes what it comes back with and gives a code for the web app, `exchange` gives tokens for the code.
 *
 * What a log-in began with is in a signed cookie of the browser, not in the table: nobody can fill the table by
 * beginning, and whoever is sent an address to come back to does not have the cookie. What makes each log-in end once
 * is in the table (`OidcLoginEntity`).
 */
import { createHash, randomBytes } from "node:crypto";
import type { LoginMethods, OidcAnswer, OidcCode } from "@success-manager/contract/auth";
import { parseEmail } from "@success-manager/contract/email";
import {
  badRequest,
  forbidden,
  notFound,
  Problem,
  unauthorized,
  unprocessable,
} from "@success-manager/contract/problem";
import { cleanLine } from "@success-manager/contract/text";
import type { User } from "@success-manager/contract/user";
import { config } from "../../config.ts";
import { hashToken, newReminderToken } from "../../link-token.ts";
import { countOidcCall } from "../../rate-limit/index.ts";
import {
  commitOne,
  find,
  getRequest,
  OidcLoginEntity,
  putItem,
  type StoredOidcLogin,
  UserEntity,
  updateItem,
} from "../../table/index.ts";
import { constantTimeEqual } from "../../text.ts";
import { findOrCreate, type ProvenPerson } from "../../users/index.ts";
import { type Device, openSession } from "../api.ts";
import { OIDC_TICKET_SECONDS, type OidcTicket, readOidcTicket, signOidcTicket } from "../tokens.ts";
import { authorizationUrl, claimsOf, type OidcSettings, providerSettings } from "./provider.ts";

/** The web app exchanges the code at once. */
const CODE_MS = 60_000;

const LOGIN_PATH = "/api/v1/auth/oidc/login";
const CALLBACK_PATH = "/api/v1/auth/oidc/callback";

const GONE = "This log-in has expired, or was ended already. Sign in again.";

/** @throws 404 where the stage has no provider */
function settingsOf(): OidcSettings {
  const settings = providerSettings();
  if (settings === undefined) throw notFound("Log-in with a provider");
  return settings;
}

/** How people sign in here. @param origin where the API is reached */
export function methods(origin: string): LoginMethods {
  const settings = providerSettings();
  return {
    password: config().PASSWORD_LOGIN === "on",
    oidc: settings ? { label: settings.label, login_url: `${origin}${LOGIN_PATH}` } : null,
  };
}

/**
 * The address of the web app that a browser is sent back to: of its own origins alone, so that no code goes elsewhere.
 * The first of them without a word.
 *
 * @throws 404 where the stage has no provider; 422 for any other origin
 */
export function returnAddress(return_to: string | undefined): string {
  const { origins } = settingsOf();
  const url = URL.parse(return_to ?? `${origins[0]}/`);
  // Such addresses as `https://app.example.com@evil.example` have another origin; user and password have no use.
  if (url === null || !origins.includes(url.origin) || url.username !== "" || url.password !== "")
    throw unprocessable("return_to", "must be an address of the web app");
  url.hash = "";
  return url.href;
}

const random = () => randomBytes(32).toString("base64url");
const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

/** Where the browser goes, and what it has to keep. */
export interface Beginning {
  readonly location: string;
  readonly ticket: string;
  readonly state: string;
  /** How long the ticket is good, in seconds. */
  readonly lasts: number;
}

/**
 * Begins a log-in.
 *
 * @param return_to of `returnAddress`
 * @param code_challenge the SHA-256 of what the web app shows at the exchange: a code that others get at is worth nothing
 * @param origin where the API is reached
 * @throws 404 where the stage has no provider; 503 when it does not answer
 */
export async function begin(return_to: string, code_challenge: string, origin: string): Promise<Beginning> {
  const begun = { state: random(), nonce: random(), code_verifier: random() };
  const url = await authorizationUrl(settingsOf(), begun, `${origin}${CALLBACK_PATH}`);
  const ticket = await signOidcTicket({ ...begun, code_challenge, return_to });
  return { location: url.href, ticket, state: begun.state, lasts: OIDC_TICKET_SECONDS };
}

/** What the browser has kept; undefined when that is nothing of ours, or has expired. */
export async function readTicket(ticket: string): Promise<OidcTicket | undefined> {
  try {
    return await readOidcTicket(ticket);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

type Claims = Readonly<Record<string, unknown>>;

/** Cognito says `"true"` at its UserInfo endpoint, Entra 1. */
const isTrue = (claim: unknown) => claim === true || claim === "true" || claim === 1 || claim === "1";

/** Providers may hold more than a role is long; a name that has a thousand values is none. */
const MAX_VALUES = 1_000;
const RANKS = { viewer: 0, manager: 1, admin: 2 } as const satisfies Record<User["role"], number>;

/**
 * What the provider says that somebody may do: the highest role of the values that mean one.
 *
 * @returns undefined where roles are given here alone
 * @throws 403 for who has none, where that keeps them out
 */
function roleOf({ roles, default_role }: OidcSettings, claims: Claims): User["role"] | undefined {
  if (roles === undefined) return undefined;
  const value = claims[roles.claim];
  // Entra: too many groups for a token are named as to be asked for elsewhere. None is not what it means.
  const elsewhere = claims._claim_names;
  if (value === undefined && typeof elsewhere === "object" && elsewhere !== null && roles.claim in elsewhere)
    throw forbidden("You are in more groups than your organization's log-in can tell of. Ask an admin.");
  const values = (Array.isArray(value) ? value : [value]).slice(0, MAX_VALUES);
  const meant = values.flatMap((one) =>
    typeof one === "string" && Object.hasOwn(roles.values, one) ? (roles.values[one] ?? []) : [],
  );
  const [highest] = meant.toSorted((a, b) => RANKS[b] - RANKS[a]);
  const role = highest ?? default_role;
  if (role === "none") throw forbidden("Your organization has not given you access here. Ask an admin.");
  return role;
}

/** Providers that know no verified addresses (`email_proof`): docs/deploy.md. */
function isVerified({ email_proof }: OidcSettings, claims: Claims, domain: string): boolean {
  // Whoever left a company may still have a Google account of their own by its address; that has no `hd`.
  if (email_proof === "hd") return isTrue(claims.email_verified) && claims.hd === domain;
  // Said no, it is no, whoever the issuer is.
  if (email_proof === "issuer") return claims.email_verified === undefined || isTrue(claims.email_verified);
  return isTrue(claims[email_proof]);
}

/** The name, or what stands before the @ of the address. */
function nameOf(claims: Claims, email: string): string {
  const given = [claims.given_name, claims.family_name].filter((part) => typeof part === "string").join(" ");
  const name = [claims.name, given].find((one) => typeof one === "string" && cleanLine(one) !== "");
  return (
    cleanLine(typeof name === "string" ? name : "")
      .slice(0, 255)
      .toWellFormed() || email.replace(/@.*/, "")
  );
}

/** @throws 403 for who may not come in by what the provider says */
export function personOf(
  settings: OidcSettings,
  claims: Claims & { iss: string; sub: string },
): ProvenPerson {
  const { mail_domains, default_role } = settings;
  const { address: email } = typeof claims.email === "string" ? parseEmail(claims.email) : {};
  if (email === undefined)
    throw forbidden("Your organization's log-in does not tell your e-mail address. Ask an admin.");
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  if (!isVerified(settings, claims, domain))
    throw forbidden("Your organization's log-in has not verified your e-mail address. Ask an admin.");
  if (mail_domains.length > 0 && !mail_domains.includes(domain))
    throw forbidden(
      "Your e-mail address is of another organization. Sign in with the one that you work for.",
    );
  const role = roleOf(settings, claims);
  return {
    ...{ issuer: claims.iss, subject: claims.sub, email, full_name: nameOf(claims, email) },
    ...{ role, first_role: default_role === "none" ? undefined : default_role },
  };
}

/** The claims that `personOf` cannot do without. */
const wantedOf = ({ email_proof, roles }: OidcSettings) => [
  "email",
  ...(email_proof === "issuer" ? [] : email_proof === "hd" ? ["email_verified"] : [email_proof]),
  ...(roles ? [roles.claim] : []),
];

/**
 * Takes what the provider has sent the browser back with, finds or makes the user, and gives a code for the web app.
 *
 * @param ticket of the same browser
 * @param origin where the API is reached
 * @throws 400 when it belongs to no log-in, or one that has ended; 403 for who may not come in; 404; 429; 503 when the
 * provider does not answer
 */
export async function complete(
  answer: OidcAnswer,
  ticket: OidcTicket | undefined,
  { origin, sourceIp }: { readonly origin: string; readonly sourceIp: string },
): Promise<string> {
  const settings = settingsOf();
  if (ticket === undefined || answer.state === undefined || !constantTimeEqual(answer.state, ticket.state))
    throw badRequest(GONE);
  await countOidcCall(sourceIp);
  const { id } = hashToken(ticket.state) ?? {};
  // Asked first, so that the provider hears of no code twice.
  if (id === undefined || (await find(getRequest(OidcLoginEntity, id)))) throw badRequest(GONE);
  const callback = new URL(`${origin}${CALLBACK_PATH}`);
  for (const [name, value] of Object.entries(answer))
    if (value !== undefined) callback.searchParams.set(name, value);
  const claims = await claimsOf(settings, callback, ticket, wantedOf(settings));
  const user = await findOrCreate(personOf(settings, claims));
  const { token, token_hash } = newReminderToken(id);
  const now = Date.now();
  const login: StoredOidcLogin = {
    ...{ id, token_hash, code_challenge: ticket.code_challenge, user_id: user.id },
    expires_at: new Date(now + CODE_MS).toISOString(),
    // For as long as the ticket may be good, and what clocks differ by.
    expires_at_epoch: Math.floor(now / 1000) + 2 * OIDC_TICKET_SECONDS,
  };
  if (!(await commitOne(putItem(OidcLoginEntity.create(login))))) throw badRequest(GONE);
  return token;
}

/**
 * Gives the tokens of a log-in for its code, once.
 *
 * @throws 401 when the code or its verifier is wrong, was used or has expired; 403 when deactivated; 404; 429
 */
export async function exchange({ code, code_verifier }: OidcCode, device: Device) {
  settingsOf();
  await countOidcCall(device.sourceIp);
  const record = hashToken(code);
  const login = record && (await find(getRequest(OidcLoginEntity, record.id)));
  const isGood =
    login !== undefined &&
    constantTimeEqual(login.token_hash, record?.token_hash ?? "") &&
    constantTimeEqual(login.code_challenge, sha256(code_verifier)) &&
    login.used_at === undefined &&
    Date.parse(login.expires_at) > Date.now();
  const user = isGood ? await find(getRequest(UserEntity, login.user_id)) : undefined;
  if (!isGood || user === undefined) throw unauthorized(GONE);
  const used = updateItem(
    OidcLoginEntity.patch({ id: login.id })
      .set({ used_at: new Date().toISOString() })
      .where((stored, { notExists }) => notExists(stored.used_at)),
  );
  const opened = await openSession(user, device, [used]);
  if (!("access_token" in opened)) throw unauthorized(GONE);
  return opened;
}
