import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import Provider, { type ClientMetadata, type Configuration } from "oidc-provider";

let stub: Promise<string> | undefined;

/**
 * What a provider says of itself, and no more: enough to begin a log-in. The settings that lead to it, for clouds whose
 * tests are not about log-ins, with addresses that are the same each time. One for the process, and ends with it.
 */
export function providerSettings(): Promise<string> {
  stub ??= new Promise((resolve) => {
    const server = createServer((_, response) => {
      const { port } = server.address() as AddressInfo;
      const body = {
        issuer: `http://127.0.0.1:${port}`,
        authorization_endpoint: "https://login.example.com/authorize",
        token_endpoint: "https://login.example.com/token",
        jwks_uri: "https://login.example.com/keys",
      };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.unref();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const [issuer, client_id] = [`http://127.0.0.1:${port}`, CLIENT_ID];
      resolve(
        JSON.stringify({
          ...{ issuer, client_id, scopes: ["openid", "email"], email_proof: "email_verified" },
          ...{ mail_domains: [], default_role: "viewer", label: "Sign in with Example", local: true },
          origins: ["https://app.example.com"],
        }),
      );
    });
  });
  return stub;
}

/** Of a log-in that the web app may take the tokens of (`putOidcLogin`). */
export const CODE_VERIFIER = "a-verifier-that-only-the-web-app-knows-abcd";

/** A log-in with a provider that has succeeded, in the table that this process talks to (`enter` of `cloud.ts`): its code. */
export async function putOidcLogin(user_id: string): Promise<string> {
  // Loaded late: the domain reads the table's name when it is.
  const { OidcLoginEntity } = await import("@success-manager/domain/table");
  const { newReminderToken } = await import("../../packages/domain/src/link-token.ts");
  const { token, ...record } = newReminderToken(randomUUID());
  await OidcLoginEntity.put({
    ...{ ...record, user_id, code_challenge: createHash("sha256").update(CODE_VERIFIER).digest("base64url") },
    // Ten times as long as usual: it may be made long before it is used.
    expires_at: new Date(Date.now() + 600_000).toISOString(),
    expires_at_epoch: Math.floor(Date.now() / 1000) + 1200,
  }).go();
  return token;
}

/** Makes a user one who signs in at a provider alone, in the table that this process talks to. */
export async function putIdentity(
  user_id: string,
  email: string,
  subject: string = randomUUID(),
): Promise<void> {
  const { commit, emailKey, IdentityEntity, LoginEntity, putItem, updateItem } = await import(
    "@success-manager/domain/table"
  );
  const identity = { id: `identity of ${subject}`, issuer: "https://id.example.com", subject };
  await commit([
    putItem(IdentityEntity.create({ ...identity, user_id, created_at: new Date().toISOString() })),
    updateItem(
      LoginEntity.patch({ email_key: emailKey(email) })
        .set({ identity_id: identity.id })
        .remove(["password_hash"]),
    ),
  ]);
}

/** Somebody at the provider: claims by their subject. */
export type Accounts = Map<string, Readonly<Record<string, unknown>>>;

export const CLIENT_ID = "success-manager";

export type TestProvider = Awaited<ReturnType<typeof oidcProvider>>;
type Handle = Parameters<Provider["use"]>[0];

/**
 * A real provider (`oidc-provider`) on a free port. Whoever signs in there names the account; consent is given.
 * It serves once `open` was called, since clients name where they are sent back to.
 */
export async function oidcProvider() {
  const accounts: Accounts = new Map();
  let handle: ReturnType<Provider["callback"]> | undefined;
  const server = createServer((request, response) => {
    if (handle) void handle(request, response);
    else response.writeHead(503).end();
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  let keys: JWK[] = [];
  let settings: Opened | undefined;

  /** What comes between the provider and who asks: set by tests, called after the provider has answered. */
  const between: { handle: Handle | undefined } = { handle: undefined };

  interface Opened {
    readonly redirectUri: string;
    readonly client?: Partial<ClientMetadata>;
    readonly configuration?: Configuration;
  }

  async function newKey(kid: string): Promise<JWK> {
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    return { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
  }

  async function open(opened: Opened): Promise<void> {
    settings = opened;
    if (keys.length === 0) keys = [await newKey("first")];
    const { redirectUri, client, configuration } = opened;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: "a secret of the client, shared with nobody",
          redirect_uris: [redirectUri],
          ...client,
        },
      ],
      jwks: { keys: keys as never },
      // Named, so that nothing is printed about the missing.
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
      cookies: { keys: ["a key of the test"] },
      claims: {
        openid: ["sub"],
        email: ["email", "email_verified"],
        profile: ["name", "groups"],
      },
      findAccount: (_, sub) => ({
        accountId: sub,
        claims: () => ({ sub, ...accounts.get(sub) }),
      }),
      async loadExistingGrant({ oidc }) {
        const grant = new oidc.provider.Grant({
          clientId: oidc.client?.clientId ?? "",
          accountId: oidc.session?.accountId ?? "",
        });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
      },
      ...configuration,
    });
    provider.use(async (context, next) => {
      if (between.handle) return between.handle(context, next);
      return next();
    });
    handle = provider.callback();
  }

  return {
    issuer,
    accounts,
    between,
    open,
    /** A new key signs from now on, and the former one is gone. */
    async rotateKey(): Promise<void> {
      if (!settings) throw new Error("open it first");
      keys = [await newKey(`key ${Date.now()}`)];
      await open(settings);
    },
    /** Signs claims as the provider does. */
    async sign(claims: JWTPayload): Promise<string> {
      const [key] = keys;
      if (!key) throw new Error("open it first");
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: key.kid ?? "" })
        .sign(await importJWK(key, "RS256"));
    },
    /** Nobody answers any more, until `resume`. */
    async pause(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    resume: () => listen(port),
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser as far as a log-in needs one: cookies by origin, and what it is sent on to. */
export function walker() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  async function visit(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url);
    const cookie = Array.from(jar, ([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      ...init,
      headers: { accept: "text/html", ...(cookie && { cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0\b/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }
  return {
    jarOf,
    visit,
    /** Signs in at the provider and stops where it sends the browser back to the API. @returns that address */
    async signInAtProvider(authorization: string, account: string, stopAt: string): Promise<string> {
      let url = authorization;
      for (let step = 0; step < 12; step++) {
        if (url.startsWith(stopAt)) return url;
        let response = await visit(url);
        // The page of the log-in: its form goes to its own address.
        if (response.status === 200)
          response = await visit(url, {
            method: "POST",
            body: new URLSearchParams({ prompt: "login", login: account, password: "any" }),
          });
        const location = response.headers.get("location");
        if (!location) throw new Error(`${url}: ${response.status} ${await response.text()}`);
        url = new URL(location, url).href;
      }
      throw new Error("The provider does not send the browser back");
    },
  };
}
