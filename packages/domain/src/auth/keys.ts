import { webcrypto } from "node:crypto";
import { config } from "../config.ts";
import { readSecret } from "../secret.ts";

/** What the keys are for (RFC 7518, 3.2); imported once, not with every token. */
const HS256 = { name: "HMAC", hash: "SHA-256" };

/** A key that signs tokens. Tokens name its id (`kid`, RFC 7515, 4.1.4): that of the secret's version. */
export interface SigningKey {
  readonly id: string;
  readonly key: webcrypto.CryptoKey;
}

interface Version extends SigningKey {
  /** When it was made, in milliseconds. */
  readonly since: number;
}

/** What a container knows of a secret. */
interface Known {
  readonly current: Version;
  /** The version before; read when it is needed, which it hardly ever is. */
  before?: Promise<Version | undefined>;
}

export interface SigningKeys {
  /** What signs new tokens. */
  forSigning(): Promise<SigningKey>;
  /**
   * What may have signed a token that names this key, or none: before keys had ids, tokens named none.
   *
   * @param lasts how long such a token can be of use, in seconds, when that is longer than it is good for
   * @throws when Secrets Manager can't be asked: whose token it is, is not known then
   */
  forVerifying(id: string | undefined, lasts?: number): Promise<readonly SigningKey[]>;
}

const cacheMs = () => config().KEY_CACHE_MS;
/** From a key's making on, how long its predecessor signs, in milliseconds: everybody has heard of the new one by then. */
export const keySpreadMs = () => 1.2 * cacheMs();

type KeyVariable = "ACCESS_KEY_SECRET_ARN" | "REFRESH_KEY_SECRET_ARN" | "SECOND_FACTOR_KEY_SECRET_ARN";

/**
 * The signing keys of one secret, whose rotation logs nobody out. A container looks at the secret every five minutes
 * (`KEY_CACHE_MS`). A new version is accepted by all of them by then, and signs after a little more than that. The
 * version before is accepted as long as tokens last that it signed. One before that is not: rotating twice revokes it.
 *
 * @param variable name of the environment variable that holds the secret's ARN
 * @param lifetime of the tokens, in seconds
 */
export function signingKeys(variable: KeyVariable, lifetime: number): SigningKeys {
  let known: Known | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<Known> | undefined;
  let times: { readonly cacheMs: number; readonly pauseMs: number; readonly spreadMs: number } | undefined;
  const setting = () => {
    // A failed look is not repeated for ten seconds while there is a key: Secrets Manager may be down for a while.
    times ??= { cacheMs: cacheMs(), pauseMs: cacheMs() / 30, spreadMs: keySpreadMs() };
    return times;
  };

  const look = async (): Promise<Known> => {
    try {
      const current = await readVersion(variable, "AWSCURRENT");
      if (current === undefined) throw new Error(`The secret of ${variable} has no current version`);
      if (known?.current.id !== current.id) known = { current };
      lookedAt = Date.now();
      return known;
    } catch (error) {
      failedAt = Date.now();
      throw error;
    } finally {
      looking = undefined;
    }
  };
  const isFresh = () => Date.now() - lookedAt < setting().cacheMs;
  const keys = async (): Promise<Known> => {
    if (known && (isFresh() || Date.now() - failedAt < setting().pauseMs)) return known;
    looking ??= look();
    const old = known;
    // What was good five minutes ago nearly always still is.
    return old ? looking.catch(() => old) : looking;
  };
  /** The version before, as long as anything that it signed can be valid. */
  const before = async (known: Known, lasts = lifetime): Promise<Version | undefined> => {
    if (Date.now() > known.current.since + setting().spreadMs + lasts * 1000) return undefined;
    known.before ??= readVersion(variable, "AWSPREVIOUS").catch((error: unknown) => {
      delete known.before;
      throw error;
    });
    return known.before;
  };

  return {
    async forSigning() {
      const known = await keys();
      const isNew = Date.now() < known.current.since + setting().spreadMs;
      return (isNew && (await before(known))) || known.current;
    },
    async forVerifying(id, lasts) {
      const known = await keys();
      if (id === known.current.id) return [known.current];
      const previous = await before(known, lasts);
      if (id === undefined) return previous ? [known.current, previous] : [known.current];
      if (id === previous?.id) return [previous];
      if (!isFresh())
        throw new Error(`The secret of ${variable} could not be read for more than five minutes`);
      return [];
    },
  };
}

/** A version of the secret, if there is one. @throws when the variable is missing or the secret can't be read */
async function readVersion(
  variable: KeyVariable,
  VersionStage: "AWSCURRENT" | "AWSPREVIOUS",
): Promise<Version | undefined> {
  const SecretId = config()[variable];
  if (!SecretId) throw new Error(`${variable} is not set`);
  const version = await readSecret(SecretId, VersionStage);
  if (version === undefined) return undefined;
  const bytes = new TextEncoder().encode(version.value);
  const key = await webcrypto.subtle.importKey("raw", bytes, HS256, false, ["sign", "verify"]);
  return { id: version.id, key, since: version.since };
}
