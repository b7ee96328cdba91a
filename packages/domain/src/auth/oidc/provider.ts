/** The stage's provider of log-ins (OpenID Connect Core 1.0, authorization code with PKCE), and what it says of people. */
import { badRequest, forbidden, Problem } from "@success-manager/contract/problem";
import { Role } from "@success-manager/contract/vocabulary";
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from "jose";
import type { Configuration } from "openid-client";
import * as z from "zod";
import { config } from "../../config.ts";
import { readSecret } from "../../secret.ts";
import { ProviderUnavailable, providerFetch } from "./provider-fetch.ts";

/** The provider of log-ins, as infra/stage.ts has checked it. */
const OidcSettings = z.object({
  issuer: z.string(),
  client_id: z.string(),
  /** Where the client's secret is; with neither of the two, PKCE alone shows who we are. */
  client_secret_arn: z.string().optional(),
  /** The secret itself, on one machine alone. */
  client_secret: z.string().optional(),
  scopes: z.array(z.string()),
  /**
   * By what an address counts as verified: the claim that says so, that and Google's `hd`, Entra's `xms_edov`, or the
   * issuer, whose directory is the company's own.
   */
  email_proof: z.enum(["email_verified", "hd", "xms_edov", "issuer"]),
  /** Domains that people must have an address of; all when there is none. */
  mail_domains: z.array(z.string()),
  /** Which claim says what somebody may do, and the role for each of its values. */
  roles: z.object({ claim: z.string(), values: z.record(z.string(), Role) }).optional(),
  /** For who has no such value; `none` keeps them out. */
  default_role: z.union([Role, z.literal("none")]),
  /** Of the button. */
  label: z.string(),
  /** Where the web app is: browsers are sent back to these origins and no other. */
  origins: z.array(z.string()).min(1),
  /** Whether the provider may be on this machine, without TLS. */
  local: z.boolean().default(false),
});
export type OidcSettings = z.infer<typeof OidcSettings>;

/** The stage's provider; undefined without one. @throws ZodError for settings that can't be */
export function providerSettings(): OidcSettings | undefined {
  const { OIDC } = config();
  return OIDC === undefined ? undefined : OidcSettings.parse(JSON.parse(OIDC));
}

/** Clocks of two machines may differ by this much, in seconds. */
const CLOCK_SECONDS = 60;
/** How long a container goes on with what the provider says of itself. */
const METADATA_MS = 60 * 60 * 1000;
/** How long it goes on with keys and secret. A key that it does not know, it asks for at once. */
const KEYS_MS = 5 * 60 * 1000;

/** Signatures by a key of the provider's own; HS256 would be by the client's secret, and `none` by nobody. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Loaded with the first log-in of this kind. */
const library = () => import("./openid-client.ts");

interface Provider {
  readonly configuration: Configuration;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
  readonly since: number;
}

/** The client's secret; undefined for a client without one. */
const clientSecret = async ({ client_secret_arn, client_secret }: OidcSettings) =>
  client_secret_arn === undefined ? client_secret : (await readSecret(client_secret_arn))?.value;

/** @throws ProviderUnavailable, and what openid-client throws for answers that are none */
async function discover(settings: OidcSettings): Promise<Provider> {
  const oidc = await library();
  const fetch = providerFetch(settings.local, config().OIDC_ANSWER_MS);
  const secret = await clientSecret(settings);
  const issuer = new URL(settings.issuer);
  const configuration = await oidc.discovery(
    issuer,
    settings.client_id,
    { [oidc.clockTolerance]: CLOCK_SECONDS },
    // Decided below, when the provider has said what it takes.
    (...given) => authenticateClient(...given),
    {
      [oidc.customFetch]: fetch,
      ...(settings.local && { execute: [oidc.allowInsecureRequests] }),
    },
  );
  const metadata = configuration.serverMetadata();
  const { issuer: named, jwks_uri, token_endpoint_auth_methods_supported: methods } = metadata;
  // To the letter: openid-client lets some of Entra's pass that stand for any tenant.
  if (named !== settings.issuer) throw new Error(`The provider calls itself ${named}`);
  if (jwks_uri === undefined) throw new Error("The provider names no keys");
  // Basic is what a provider takes that names nothing (OpenID Connect Discovery 1.0, 3).
  const isBasic = methods === undefined || methods.includes("client_secret_basic");
  const authenticateClient =
    secret === undefined
      ? oidc.None()
      : isBasic
        ? oidc.ClientSecretBasic(secret)
        : oidc.ClientSecretPost(secret);
  /**
   * jose's, because openid-client asks for new keys once a minute at most: as long, a provider that has changed its key
   * would have its people refused. Only the provider itself can bring us to ask.
   */
  const keys = createRemoteJWKSet(new URL(jwks_uri), {
    cooldownDuration: 0,
    cacheMaxAge: KEYS_MS,
    timeoutDuration: config().OIDC_ANSWER_MS,
    [joseFetch]: fetch,
  });
  return { configuration, keys, since: Date.now() };
}

let known: { readonly settings: string; provider: Promise<Provider> } | undefined;

/** What is known of the provider; after a failure it is asked anew. */
async function providerOf(settings: OidcSettings): Promise<Provider> {
  const text = JSON.stringify(settings);
  const before = known?.settings === text ? await known.provider.catch(() => undefined) : undefined;
  const lasts = settings.client_secret_arn === undefined ? METADATA_MS : KEYS_MS;
  if (before && Date.now() - before.since < lasts) return before;
  const provider = discover(settings);
  known = { settings: text, provider };
  return provider;
}

/** @throws 503 with the seconds until another attempt makes sense, and the provider's failure as its cause */
function unavailable(cause: unknown): Problem {
  const problem = new Problem(
    503,
    "Your organization's log-in does not answer right now. Try again in a moment.",
    { headers: { "retry-after": "10" } },
  );
  problem.cause = cause;
  return problem;
}

/** An error and everything that caused it, outermost first. */
function* causes(error: unknown): Generator<Error> {
  for (let e = error; e instanceof Error; e = e.cause) yield e;
}

const isServerError = (error: unknown) =>
  typeof error === "object" && error !== null && "status" in error && Number(error.status) >= 500;

/** Names of the libraries' classes are others once they are bundled. */
const codeOf = (error: unknown) =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

const isUnavailable = (error: unknown) =>
  [...causes(error)].some(
    (cause) =>
      cause instanceof ProviderUnavailable ||
      isServerError(cause) ||
      isServerError(cause.cause) ||
      codeOf(cause) === "ERR_JWKS_TIMEOUT",
  );

export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly code_verifier: string;
}

/**
 * Where the browser goes to sign in.
 *
 * @throws 503 when the provider can't be asked how it is reached
 */
export async function authorizationUrl(
  settings: OidcSettings,
  { state, nonce, code_verifier }: Begun,
  redirect_uri: string,
): Promise<URL> {
  const oidc = await library();
  try {
    const { configuration } = await providerOf(settings);
    return oidc.buildAuthorizationUrl(configuration, {
      redirect_uri,
      scope: settings.scopes.join(" "),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(code_verifier),
      code_challenge_method: "S256",
    });
  } catch (error) {
    throw unavailable(error);
  }
}

type Claims = Readonly<Record<string, unknown>>;

const NOT_VALID = "This log-in has expired, or was ended already. Sign in again.";
const NOT_TRUSTED = "What your organization's log-in has answered is not valid. Sign in again.";

/**
 * What a failure of the provider's, or of who pretends to be it, means for the person: 503 when trying again helps,
 * 403 when the provider refused them, else 400. The cause is for the log.
 */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isUnavailable(error)) return unavailable(error);
  const said = typeof error === "object" && error !== null && "error" in error ? String(error.error) : "";
  // The answer of the token endpoint, and what the browser has brought.
  const isTold = codeOf(error) === "OAUTH_RESPONSE_BODY_ERROR";
  const isBrought = codeOf(error) === "OAUTH_AUTHORIZATION_RESPONSE_ERROR";
  if (isTold && said === "invalid_client") {
    // The secret was changed: the next attempt reads it anew.
    known = undefined;
    return unavailable(error);
  }
  if (isBrought && ["temporarily_unavailable", "server_error"].includes(said)) return unavailable(error);
  const problem = isBrought
    ? forbidden("Your organization's log-in has refused this, or you have left it. Sign in again.")
    : badRequest(isTold && said === "invalid_grant" ? NOT_VALID : NOT_TRUSTED);
  problem.cause = error;
  return problem;
}

/**
 * Exchanges what the provider has sent the browser back with for what it says of the person: the claims of the ID
 * token and, where those leave something out, of the UserInfo endpoint.
 *
 * @param callback the address that the browser came to, with its query
 * @param wanted claims to look for
 * @throws 400 when it is none of ours, was used, or does not hold; 403 when the provider has refused; 503 when it does
 * not answer
 */
export async function claimsOf(
  settings: OidcSettings,
  callback: URL,
  { state, nonce, code_verifier }: Begun,
  wanted: readonly string[],
): Promise<Claims & { readonly iss: string; readonly sub: string }> {
  const oidc = await library();
  try {
    const { configuration, keys } = await providerOf(settings);
    const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: code_verifier,
      idTokenExpected: true,
    });
    // The signature too, though the token came over TLS from the provider itself.
    const { payload } = await jwtVerify(tokens.id_token ?? "", keys, {
      algorithms: ALGORITHMS,
      issuer: settings.issuer,
      audience: settings.client_id,
      clockTolerance: CLOCK_SECONDS,
      requiredClaims: ["exp", "iat", "sub"],
    });
    const { sub = "" } = payload;
    const token: Claims & { iss: string; sub: string } = { ...payload, iss: settings.issuer, sub };
    const isWhole = wanted.every((claim) => token[claim] !== undefined);
    if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return token;
    // Its subject is compared with the token's: else it might tell of somebody else (OpenID Connect Core 5.3.2).
    return { ...(await oidc.fetchUserInfo(configuration, tokens.access_token, sub)), ...token };
  } catch (error) {
    throw toProblem(error);
  }
}
