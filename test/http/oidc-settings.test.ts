import { createHash, randomUUID } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Cloud, startCloud } from "@success-manager/local";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Api, apiOf, PASSWORD, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { putInvitation } from "../support/invitation.ts";
import {
  CLIENT_ID,
  CODE_VERIFIER,
  oidcProvider,
  type TestProvider,
  walker,
} from "../support/oidc-provider.ts";
import { assembly } from "../support/synthesize.ts";

/** What stages may set about the log-in with a provider, each against a real one. */

const APP = "https://app.example.com";
const CALLBACK = "/api/v1/auth/oidc/callback";
const CODE_CHALLENGE = createHash("sha256").update(CODE_VERIFIER).digest("base64url");

let provider: TestProvider;
/** Where the people are. */
let base: TestCloud;
let started: Cloud[] = [];
beforeAll(async () => {
  provider = await oidcProvider();
  base = await testCloud();
});
afterEach(async () => {
  for (const cloud of started) await cloud.stop();
  started = [];
});
afterAll(async () => {
  await base?.stop();
  await provider?.stop();
});

/** The same table, served by a stage with these settings. */
async function start(oidc: object | undefined, environment: Record<string, string> = {}) {
  const settings = {
    ...{ issuer: provider.issuer, client_id: CLIENT_ID, scopes: ["openid", "email", "profile"] },
    ...{ email_proof: "email_verified", mail_domains: [], default_role: "viewer", label: "Example" },
    ...{ origins: [APP], local: true },
    ...oidc,
  };
  const { dynamodb, s3, ses } = base.endpoints;
  const cloud = await startCloud({
    assembly,
    endpoints: { dynamodb, s3, ses },
    ...{ schedules: false, streams: false, mailEvents: false },
    environment: {
      ...{ LOG_LEVEL: "CRITICAL", BCRYPT_COST: "4", OIDC: oidc ? JSON.stringify(settings) : "" },
      ...environment,
    },
  });
  started.push(cloud);
  return Object.assign(cloud, { stranger: apiOf(cloud.apiUrl) });
}

type Stage = Awaited<ReturnType<typeof start>>;

function account(claims: object = {}): string {
  const sub = randomUUID();
  provider.accounts.set(sub, { email: `${sub}@example.com`, email_verified: true, name: "Ada", ...claims });
  return sub;
}

/** The status of the way back, and of the exchange when there is one. */
async function logIn({ apiUrl, stranger }: Stage, sub: string): Promise<readonly number[]> {
  const browser = walker();
  const first = await browser.visit(`${apiUrl}/api/v1/auth/oidc/login?code_challenge=${CODE_CHALLENGE}`);
  const location = first.headers.get("location") ?? "";
  const back = await browser.signInAtProvider(location, sub, `${apiUrl}${CALLBACK}`);
  const answer = await browser.visit(back, { headers: { accept: "application/json" } });
  if (answer.status !== 302) return [answer.status];
  const code =
    new URLSearchParams(new URL(answer.headers.get("location") ?? "").hash.slice(1)).get("code") ?? "";
  const exchanged = await stranger.auth.oidcExchange({ body: { code, code_verifier: CODE_VERIFIER } });
  if (exchanged.status === 200) signedIn = apiOf(apiUrl, exchanged.body().access_token);
  return [answer.status, exchanged.status];
}

/** Who has signed in last. */
let signedIn: Api | undefined;

describe("a stage", () => {
  it.each(["client_secret_basic", "client_secret_post"] as const)(
    "may keep the client's secret in Secrets Manager (%s)",
    async (token_endpoint_auth_method) => {
      // Any secret that there is; that of refresh tokens is random, and known to whom it serves.
      const { REFRESH_KEY_SECRET_ARN: client_secret_arn = "" } = base.environment;
      const stage = await start({ client_secret_arn });
      const secrets = new SecretsManagerClient({
        endpoint: stage.endpoints.secrets,
        region: stage.environment.AWS_REGION ?? "",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      const { SecretString: client_secret = "" } = await secrets.send(
        new GetSecretValueCommand({ SecretId: client_secret_arn }),
      );
      secrets.destroy();
      await provider.open({
        redirectUri: `${stage.apiUrl}${CALLBACK}`,
        client: { client_secret, token_endpoint_auth_method },
        configuration: { clientAuthMethods: [token_endpoint_auth_method] },
      });
      expect(await logIn(stage, account())).toEqual([302, 200]);
    },
  );

  it("may have no secret of the client, by PKCE alone, and all claims in the ID token", async () => {
    const stage = await start({ default_role: "none" });
    await provider.open({
      redirectUri: `${stage.apiUrl}${CALLBACK}`,
      client: { client_secret: undefined, token_endpoint_auth_method: "none" } as object,
      configuration: { conformIdTokenClaims: false, features: { userinfo: { enabled: false } } },
    });
    // Nobody comes by themselves, and who has an account does.
    expect(await logIn(stage, account())).toEqual([403]);
    expect(await logIn(stage, account({ email: base.manager.email }))).toEqual([302, 200]);
    expect((await base.admin.api.users.get({ params: { user_id: base.manager.id } })).body().role).toBe(
      "manager",
    );
  });

  it("may give roles by another mapping from one day to the next: the next log-in has the new one", async () => {
    const sub = account({ groups: ["leads", "interns"] });
    const roles: (string | undefined)[] = [];
    for (const oidc of [
      { roles: { claim: "groups", values: { leads: "manager" } } },
      { roles: { claim: "groups", values: { interns: "admin" } } },
      { roles: { claim: "groups", values: { bosses: "admin" } } },
      { roles: { claim: "groups", values: { bosses: "admin" } }, default_role: "none" },
    ]) {
      const stage = await start({ ...oidc, client_secret: "a secret of the client, shared with nobody" });
      await provider.open({ redirectUri: `${stage.apiUrl}${CALLBACK}` });
      const [status] = await logIn(stage, sub);
      const { users } = (await base.admin.api.users.list({ query: { search: sub } })).body();
      roles.push(status === 302 ? users[0]?.role : `${status}`);
    }
    expect(roles).toEqual(["manager", "admin", "viewer", "403"]);
  });

  it("with a secret that the provider does not know is a 503, not a refusal of people", async () => {
    const stage = await start({ client_secret: "a wrong one" });
    await provider.open({ redirectUri: `${stage.apiUrl}${CALLBACK}` });
    expect(await logIn(stage, account())).toEqual([503]);
  });

  it("whose provider calls itself otherwise begins no log-in", async () => {
    const { apiUrl } = await start({ issuer: provider.issuer.replace("127.0.0.1", "localhost") });
    const address = `${apiUrl}/api/v1/auth/oidc/login?code_challenge=${CODE_CHALLENGE}`;
    expect((await fetch(address, { redirect: "manual" })).status).toBe(503);
  });

  it("that is not on one machine asks no provider there: neither without TLS nor at its address", async () => {
    for (const issuer of [provider.issuer, "https://localhost:1", "https://169.254.169.254"]) {
      const { apiUrl } = await start({ issuer, local: false });
      const address = `${apiUrl}/api/v1/auth/oidc/login?code_challenge=${CODE_CHALLENGE}`;
      expect((await fetch(address, { redirect: "manual" })).status).toBe(503);
    }
  });

  it("may let nobody in by a password", async () => {
    const { stranger } = await start({}, { PASSWORD_LOGIN: "off" });
    expect((await stranger.auth.methods({})).body()).toMatchObject({
      password: false,
      oidc: { label: "Example" },
    });
    const form = { username: base.manager.email, password: PASSWORD };
    expect((await stranger.auth.login({ form })).status).toBe(403);
    const link = { token: "x".repeat(43), new_password: "Another-Horse-2" };
    expect((await stranger.auth.setPassword({ body: link })).status).toBe(403);
  });

  it("where nobody signs in by a password invites people to the log-in with the provider", async () => {
    const roles = { claim: "groups", values: { bosses: "admin" } };
    const client_secret = "a secret of the client, shared with nobody";
    const stage = await start({ roles, client_secret }, { PASSWORD_LOGIN: "off", WEB_APP_URL: APP });
    await provider.open({ redirectUri: `${stage.apiUrl}${CALLBACK}` });
    expect(await logIn(stage, account({ groups: ["bosses"] }))).toEqual([302, 200]);
    const sub = account();
    const email = `${sub}@example.com`;
    const invited = await signedIn?.users.invite({ body: { email, full_name: "Ada", role: "viewer" } });
    expect(invited?.body()).toMatchObject({ mail_status: "sent", role: "viewer" });
    const [letter] = await lettersTo(base.inboxUrl, email);
    expect(letter?.body.text).toContain(`\n${APP}\n`);
    expect(letter?.body.text).not.toMatch(/password/i);
    expect(await logIn(stage, sub)).toEqual([302, 200]);
    // Pages that were mailed before say where to go.
    for (const path of ["/password", `/password/${(await putInvitation()).invitation}`]) {
      const page = await fetch(`${stage.apiUrl}${path}`);
      expect([page.status, await page.text()]).toEqual([
        403,
        expect.stringContaining("organization’s log-in"),
      ]);
    }
  });

  it("without a provider says so, and has no such log-in", async () => {
    const { apiUrl, stranger } = await start(undefined);
    expect((await stranger.auth.methods({})).body()).toEqual({ password: true, oidc: null });
    for (const path of [`/login?code_challenge=${CODE_CHALLENGE}`, "/callback?state=x&code=y"])
      expect((await fetch(`${apiUrl}/api/v1/auth/oidc${path}`, { redirect: "manual" })).status).toBe(404);
    const body = { code: "x".repeat(64), code_verifier: CODE_VERIFIER };
    expect((await stranger.auth.oidcExchange({ body })).status).toBe(404);
  });
});
