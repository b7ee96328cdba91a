/**
 * Calls that carry an `Idempotency-Key`: what comes again is answered as it was, and done once
 * (draft-ietf-httpapi-idempotency-key-header; decision 46).
 *
 * The record of a call is written in the transaction of its first change. Where that change is all that the call does,
 * the answer stands in it, and there is no moment in between. Where more follows (mails, jobs), the record says that the
 * call is running until the answer is put in its place.
 */
import { createCipheriv, createDecipheriv, createHmac, hash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import {
  batchGet,
  type CallScope,
  type Claim,
  ClaimRefused,
  commitOne,
  equals,
  type Filter,
  find,
  type GetRequest,
  type GetRequests,
  getCall,
  IdempotencyEntity,
  put,
  type StoredCall,
  setClaim,
  withClaims,
} from "../table/index.ts";

/** An answer as it is given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What records are encrypted and compared with. */
export interface Secret {
  /** The version of it; none where it is the caller's own. */
  readonly id?: string;
  /** A keyed hash of 32 bytes. */
  mac(text: string): Promise<Buffer>;
}

/** Where such secrets come from. */
export interface Secrets {
  current(): Promise<Secret>;
  /** The one of a record; undefined when it is no more. */
  of(id: string | undefined): Promise<Secret | undefined>;
}

/** A call with a key. */
export interface KeyedCall {
  /** Who calls: keys of others are other keys. */
  readonly caller: string;
  readonly key: string;
  /** Path and body, as they came. */
  readonly asked: string;
  /** The request's own id. */
  readonly owner: string;
  /** In milliseconds since 1970: by then, the function has ended. */
  readonly until: number;
  /** The answer that something becomes which a use case gives back. */
  readonly toAnswer: (outcome: object) => Promise<KeptAnswer>;
}

/** What a key says about a call. */
export type Verdict =
  /** Nobody has used it, or not to the end. */
  | { readonly kind: "new" }
  | { readonly kind: "done"; readonly answer: KeptAnswer }
  /** Done, but its answer was too large to keep, or can't be decrypted any more. */
  | { readonly kind: "lost" }
  | { readonly kind: "running"; readonly until: number }
  /** It was used for something else. */
  | { readonly kind: "other" };

/** A call whose key is known to be valid. */
export interface OpenCall {
  /** What is known of it. @param record as it was read ahead; it is read when absent */
  judge(record?: { readonly found: unknown }): Promise<Verdict>;
  /** Has its first change take the record along. */
  begin(): void;
  /** The answer that was written with the change; undefined when none was. */
  readonly answered: KeptAnswer | undefined;
  /** Keeps the answer. False when somebody else has the key meanwhile. */
  complete(answer: KeptAnswer): Promise<boolean>;
  /** Gives the key free, where the call has it and failed. */
  release(): Promise<void>;
}

/** For so long answers are kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** An item of the table holds 400 KB; the rest of a record has room in what is left. */
const MAX_ANSWER_BYTES = 390_000;
/** Clocks of functions differ by less. */
const CLOCK_MS = 1_000;

const CIPHER = "aes-256-gcm";
const [IV_BYTES, TAG_BYTES] = [12, 16];

/** Short texts are half of their size, which is half of the write units. */
function encrypt(answer: KeptAnswer, key: Buffer): Uint8Array | undefined {
  const compressed = deflateRawSync(JSON.stringify(answer));
  if (compressed.length > MAX_ANSWER_BYTES) return undefined;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  return Buffer.concat([iv, cipher.update(compressed), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(encrypted: Uint8Array, key: Buffer): KeptAnswer {
  const bytes = Buffer.from(encrypted);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const compressed = [decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()];
  return JSON.parse(inflateRawSync(Buffer.concat(compressed)).toString());
}

const idOf = (caller: string, key: string) => hash("sha256", `${caller}\n${key}`);

/**
 * Keys derived for one record: no JWT begins like these texts, so no signature of one is ever the other
 * (`auth/tokens.ts` signs with the same key).
 */
const answerKey = (secret: Secret, id: string) => secret.mac(`idempotency answer\n${id}`);
const fingerprintOf = async (secret: Secret, id: string, asked: string) => {
  // A hash without a key would let whoever reads the table guess passwords in bodies.
  const key = await secret.mac(`idempotency fingerprint\n${id}`);
  return createHmac("sha256", key).update(asked).digest("base64url");
};

function openCall(
  scope: CallScope,
  secrets: Secrets,
  load: (request: GetRequest<StoredCall>) => Promise<StoredCall | undefined>,
  { caller, key, asked, owner, until, toAnswer }: KeyedCall,
): OpenCall {
  const id = idOf(caller, key);
  let state: "open" | "claimed" | "answered" = "open";
  let kept: KeptAnswer | undefined;

  const recordOf = async (answer: KeptAnswer | undefined, free_at: number): Promise<StoredCall> => {
    const secret = await secrets.current();
    const encrypted = answer && encrypt(answer, await answerKey(secret, id));
    return {
      scope,
      id,
      fingerprint: await fingerprintOf(secret, id, asked),
      owner,
      is_done: answer !== undefined,
      ...(encrypted && { answer: encrypted }),
      ...(secret.id !== undefined && { key_id: secret.id }),
      free_at,
      expires_at_epoch: Math.ceil(free_at / 1000),
    };
  };
  /** Nobody has the key, or whoever had it died; or this call has it. */
  const expectedOf = (now: number): Filter =>
    state === "open"
      ? [["(attribute_not_exists(#pk) OR #free_at <= :now)", { ":now": now }]]
      : equals({ owner, is_done: false });
  const writeOf = async (answer: KeptAnswer | undefined) => {
    const now = Date.now();
    const free_at = answer ? now + KEPT_MS : until + CLOCK_MS;
    return put(IdempotencyEntity, await recordOf(answer, free_at), expectedOf(now));
  };

  const judge = async (record: StoredCall | undefined): Promise<Verdict> => {
    if (!record || record.free_at <= Date.now()) return { kind: "new" };
    const secret = await secrets.of(record.key_id);
    if (!secret) return { kind: "lost" };
    if ((await fingerprintOf(secret, id, asked)) !== record.fingerprint) return { kind: "other" };
    if (!record.is_done) return { kind: "running", until: record.free_at };
    if (!record.answer) return { kind: "lost" };
    return { kind: "done", answer: decrypt(record.answer, await answerKey(secret, id)) };
  };

  const claim: Claim = {
    get isOpen() {
      return state === "open";
    },
    async next(outcome) {
      if (state === "answered" || (state === "claimed" && !outcome)) return undefined;
      kept = outcome && (await toAnswer(outcome));
      return writeOf(kept);
    },
    written(outcome) {
      state = outcome ? "answered" : "claimed";
    },
  };

  return {
    judge: async (record) =>
      judge(record ? (record.found as StoredCall | undefined) : await load(getCall(scope, id))),
    begin: () => setClaim(claim),
    get answered() {
      return state === "answered" ? kept : undefined;
    },
    complete: async (answer) => {
      const write = await writeOf(answer);
      // What follows is no change of the call's own.
      state = state === "open" ? "claimed" : state;
      return commitOne(write);
    },
    release: async () => {
      if (state !== "claimed") return;
      const now = Date.now();
      await commitOne(put(IdempotencyEntity, await recordOf(undefined, now), expectedOf(now)));
    },
  };
}

/** How calls of who is signed in are kept: `createServe` asks it (`packages/lambda`). */
export const createIdempotency = (secrets: Secrets) => ({
  run: withClaims,
  isRefused: (error: unknown) => error instanceof ClaimRefused,
  /** How the record of a call is read together with the session. */
  reads: (caller: string, key: string): GetRequests => [getCall("idempotency", idOf(caller, key))],
  open: (call: KeyedCall) =>
    openCall("idempotency", secrets, async (request) => (await batchGet(request))[0], call),
  /** The same for who answers a survey by a link: its token is their secret. */
  openByLink: (token: string, call: Omit<KeyedCall, "caller">) =>
    openCall("survey_idempotency", secretOf(token), find, { ...call, caller: hash("sha256", token) }),
});

/** Of a token that only its holder has: 256 random bits. */
function secretOf(token: string): Secrets {
  const secret: Secret = {
    mac: (text) => Promise.resolve(createHmac("sha256", token).update(text).digest()),
  };
  return { current: () => Promise.resolve(secret), of: () => Promise.resolve(secret) };
}

/** For functions that nobody signs in to. */
export const linkIdempotency = createIdempotency({
  current: () => Promise.reject(new Error("Nobody signs in here")),
  of: () => Promise.reject(new Error("Nobody signs in here")),
});
