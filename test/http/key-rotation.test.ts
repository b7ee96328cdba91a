import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { apiOf, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { codeOf, turnOn } from "../support/second-factor.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { storageOf } from "../support/storage.ts";

/** How long containers go on with the keys they know here; five minutes otherwise. */
const CACHE_MS = 400;

let cloud: TestCloud;
let secrets: ServiceProxy;
let client: SecretsManagerClient;

beforeAll(async () => {
  secrets = await serviceProxy();
  cloud = await testCloud(
    { environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url, KEY_CACHE_MS: String(CACHE_MS) } },
    ({ endpoints }) => secrets.forwardTo(endpoints.secrets),
  );
  client = new SecretsManagerClient({
    endpoint: cloud.endpoints.secrets,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
});
afterEach(() => secrets.refuse(undefined));
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
  await secrets?.close();
});

async function keysRotate(...args: readonly string[]) {
  const child = spawn(process.execPath, ["functions/cli/keys-rotate.ts", ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

const secretOf = (use: "ACCESS" | "REFRESH") => String(cloud.environment[`${use}_KEY_SECRET_ARN`]);
const versionOf = (SecretId: string, version: { VersionStage?: string; VersionId?: string } = {}) =>
  client.send(new GetSecretValueCommand({ SecretId, ...version }));

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const me = async (token: string) => (await apiOf(cloud.apiUrl, token).auth.me({})).status;
const refresh = (refresh_token: string) => cloud.stranger.auth.refresh({ body: { refresh_token } });

interface Tokens {
  readonly token: string;
  readonly refresh_token: string;
}

const renewed = async (tokens: Tokens): Promise<Tokens> => {
  const { access_token: token, refresh_token } = (await refresh(tokens.refresh_token)).body();
  return { token, refresh_token };
};

/** Somebody whose tokens are of the keys that are current now. */
async function withCurrentKeys(): Promise<Tokens> {
  let person: Tokens = await cloud.person("viewer");
  return vi.waitFor(
    async () => {
      person = await renewed(person);
      expect(kidOf(person.token)).toBe((await versionOf(secretOf("ACCESS"))).VersionId);
      expect(kidOf(person.refresh_token)).toBe((await versionOf(secretOf("REFRESH"))).VersionId);
      return person;
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** A token of a session that is alive, with a header as somebody makes it up. */
const signed = async (person: Tokens, header: object, key: string | undefined) =>
  new SignJWT(decodeJwt(person.token))
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(new TextEncoder().encode(key));

/** In order: each rotation starts where the one before ended. */
describe("npm run keys:rotate", () => {
  let old: Tokens;

  it("changes both keys, and nobody is signed out meanwhile or afterwards", async () => {
    old = await withCurrentKeys();
    let watching = true;
    let somebody: Tokens = await cloud.person("viewer");
    const answers: number[] = [];
    const watch = async () => {
      while (watching) {
        answers.push(await me(old.token));
        // Also with tokens that are made meanwhile.
        somebody = await renewed(somebody);
        answers.push(await me(somebody.token));
      }
    };
    const watched = watch();
    const { code, out, err } = await keysRotate();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^The access key is \S+ now\.\nThe refresh key is \S+ now\.\n/);
    const newcomer = await withCurrentKeys();
    watching = false;
    await watched;
    expect(answers.length).toBeGreaterThan(1);
    expect(new Set(answers)).toEqual(new Set([200]));

    expect(kidOf(newcomer.token)).not.toBe(kidOf(old.token));
    expect(kidOf(newcomer.refresh_token)).not.toBe(kidOf(old.refresh_token));
    const later = await renewed(old);
    expect(kidOf(later.refresh_token)).toBe(kidOf(newcomer.refresh_token));
    expect(await me(later.token)).toBe(200);
    expect(await me(old.token)).toBe(200);
  });

  it("keeps keys that can be told apart and not guessed", async () => {
    const [current, previous] = await Promise.all(
      ["AWSCURRENT", "AWSPREVIOUS"].map((VersionStage) => versionOf(secretOf("ACCESS"), { VersionStage })),
    );
    expect(current?.SecretString).toMatch(/^[\w-]{64}$/);
    expect(current?.SecretString).not.toBe(previous?.SecretString);
    expect(current?.SecretString).not.toBe((await versionOf(secretOf("REFRESH"))).SecretString);
  });

  it("takes tokens from before they named a key, whichever of the two signed them", async () => {
    for (const VersionStage of ["AWSCURRENT", "AWSPREVIOUS"]) {
      const { SecretString } = await versionOf(secretOf("ACCESS"), { VersionStage });
      expect(await me(await signed(old, {}, SecretString)), VersionStage).toBe(200);
    }
    expect(await me(await signed(old, {}, "x".repeat(64)))).toBe(401);
  });

  it.each([
    ["a key that never was", randomUUID()],
    ["a number", 7],
    ["nothing", ""],
    ["an object", { id: "x" }],
  ])("takes no token that names %s as its key", async (_, kid) => {
    const { SecretString } = await versionOf(secretOf("ACCESS"));
    const token = await signed(old, { kid }, SecretString);
    expect(await me(token)).toBe(401);
  });

  it("does not take one key's token under the other's name", async () => {
    const { SecretString } = await versionOf(secretOf("ACCESS"));
    const { VersionId: kid } = await versionOf(secretOf("ACCESS"), { VersionStage: "AWSPREVIOUS" });
    expect(await me(await signed(old, { kid }, SecretString))).toBe(401);
  });

  it("refuses to change them again while tokens of the keys before are in use", async () => {
    const before = (await versionOf(secretOf("REFRESH"))).VersionId;
    const { code, out, err } = await keysRotate("--key", "refresh");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^The refresh key was changed at \S+\. Tokens of the one before are good until \S+: wait/,
    );
    expect((await versionOf(secretOf("REFRESH"))).VersionId).toBe(before);
  });

  it("goes on with the keys it knows while Secrets Manager is down, and calls nobody's token bad", async () => {
    const person = await withCurrentKeys();
    expect(await me(person.token)).toBe(200);
    secrets.refuse({ status: 503, body: '{"__type":"ServiceUnavailable"}' });
    secrets.take();
    // Longer than a container goes on without looking.
    await vi.waitFor(
      async () => {
        expect(await me(person.token)).toBe(200);
        expect(secrets.take().length).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 50 },
    );
    const { SecretString } = await versionOf(secretOf("ACCESS"));
    const later = await signed(person, { kid: randomUUID() }, SecretString);
    expect(await me(later)).toBeGreaterThanOrEqual(500);
    expect(await me(person.token)).toBe(200);
  });

  it("ends the tokens of a key that somebody has", async () => {
    const person = await withCurrentKeys();
    const { code, out, err } = await keysRotate("--key", "access", "--compromised");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("their owners sign in again");
    await vi.waitFor(async () => expect(await me(person.token)).toBe(401), { timeout: 60_000, interval: 50 });
    // The other key is as it was.
    expect(await me((await renewed(person)).token)).toBe(200);
    expect(await me((await withCurrentKeys()).token)).toBe(200);
  });

  it.each([
    [["--key", "both"], 2, /--key takes access or refresh/],
    [["--stage", "Prod!"], 2, /--stage takes the name of a stage/],
    [
      ["--stage", "moon"],
      1,
      /There are 0 secrets described as "Signs access tokens of Success Manager \(moon\)"/,
    ],
  ])("%j: says what is wrong", async (args, code, message) => {
    const refused = await keysRotate(...args);
    expect([refused.code, refused.out]).toEqual([code, ""]);
    expect(refused.err).toMatch(message);
  });
});

describe("the function that rotates", () => {
  const step = (Step: string, ClientRequestToken: string, SecretId = secretOf("REFRESH")) =>
    cloud.invoke("success-manager-local-keys-rotation", { Step, SecretId, ClientRequestToken });

  it("may be asked for each step again", async () => {
    const version = randomUUID();
    const values: (string | undefined)[] = [];
    for (const name of ["createSecret", "createSecret", "setSecret", "testSecret", "testSecret"]) {
      expect((await step(name, version)).functionError, name).toBeUndefined();
      values.push((await versionOf(secretOf("REFRESH"), { VersionId: version })).SecretString);
    }
    expect(new Set(values).size).toBe(1);
    const before = (await versionOf(secretOf("REFRESH"))).VersionId;
    expect(before).not.toBe(version);
    for (const _ of "12") expect((await step("finishSecret", version)).functionError).toBeUndefined();
    expect((await versionOf(secretOf("REFRESH"))).VersionId).toBe(version);
    expect((await versionOf(secretOf("REFRESH"), { VersionStage: "AWSPREVIOUS" })).VersionId).toBe(before);
  });

  it.each([
    ["an unknown step", () => step("dropSecret", randomUUID())],
    ["a version that was never made", () => step("testSecret", randomUUID())],
    ["a secret that is not there", () => step("createSecret", randomUUID(), "nothing")],
  ])("fails for %s, and the keys stay", async (_, call) => {
    const before = (await versionOf(secretOf("REFRESH"))).VersionId;
    expect((await call()).functionError).toBeDefined();
    expect((await versionOf(secretOf("REFRESH"))).VersionId).toBe(before);
  });
});

describe("the key of second factors", () => {
  it("is changed without a schedule: who signs in is encrypted anew, who does not until the second change is reset", async () => {
    const storage = storageOf(cloud);
    const SecretId = String(cloud.environment.SECOND_FACTOR_KEY_SECRET_ARN);
    const change = async () => {
      const version = { ClientRequestToken: randomUUID(), VersionStages: ["AWSCURRENT"] };
      await client.send(
        new PutSecretValueCommand({ SecretId, SecretString: randomUUID().repeat(2), ...version }),
      );
      // Everybody has heard of it, and signs with it.
      await new Promise((resolve) => setTimeout(resolve, 4 * CACHE_MS));
      return version.ClientRequestToken;
    };
    const protectedPerson = async () => {
      const person = await cloud.person("viewer");
      return { ...person, ...(await turnOn(person.api)) };
    };
    const signIn = async ({ email, secret }: { email: string; secret: string }) => {
      // As if the next code had come.
      await storage.change("second_factor#", () => ({ last_step: 1 }));
      const answer = (
        await cloud.stranger.auth.login({ form: { username: email, password: PASSWORD } })
      ).body();
      const ticket = "ticket" in answer ? answer.ticket : "";
      return cloud.stranger.auth.secondFactor({ body: { ticket, code: codeOf(secret) } });
    };
    const keyIdOf = async ({ id }: { id: string }) => (await storage.items(`second_factor#${id}`))[0]?.key_id;
    const [active, away] = [await protectedPerson(), await protectedPerson()];
    const first = await keyIdOf(active);
    const second = await change();
    // The answer of a container that has just heard of it is by the former one.
    await vi.waitFor(
      async () => {
        expect((await signIn(active)).status).toBe(200);
        expect(await keyIdOf(active)).toBe(second);
      },
      { timeout: 60_000, interval: 500 },
    );
    expect(await keyIdOf(away)).toBe(first);
    await change();
    expect((await signIn(active)).status).toBe(200);
    const lost = await signIn(away);
    expect([lost.status, lost.raw]).toEqual([403, { detail: expect.stringContaining("Ask an admin") }]);
    const admin = await cloud.person("admin");
    expect((await admin.api.users.resetSecondFactor({ params: { user_id: away.id } })).status).toBe(200);
    const answer = await cloud.stranger.auth.login({ form: { username: away.email, password: PASSWORD } });
    expect(answer.body()).toHaveProperty("access_token");
    storage.close();
  });
});
