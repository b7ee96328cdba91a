import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { CLIENT_ID, oidcProvider, type TestProvider } from "../support/oidc-provider.ts";

/** The whole way of a log-in with a provider, as a person goes it: web app, provider, web app. */

/** One of the origins that `infra/stages/local.json` allows. */
const APP = "http://localhost:5173";

let provider: TestProvider;
let cloud: TestCloud;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  provider = await oidcProvider();
  const settings = {
    ...{ issuer: provider.issuer, client_id: CLIENT_ID, scopes: ["openid", "email", "profile"] },
    ...{ client_secret: "a secret of the client, shared with nobody", email_proof: "email_verified" },
    ...{ mail_domains: ["example.com"], default_role: "viewer", label: "Sign in with Example" },
    ...{ origins: [APP], local: true },
  };
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const at = `127.0.0.1:${(app.address() as AddressInfo).port}`;
  [cloud, browser] = await Promise.all([
    testCloud({ environment: { OIDC: JSON.stringify(settings) } }),
    startBrowser({ [new URL(APP).host]: at }),
  ]);
  await provider.open({ redirectUri: `${cloud.apiUrl}/api/v1/auth/oidc/callback` });
});
afterEach(() => page?.context().close());
afterAll(async () => {
  await browser?.close();
  app.close();
  await cloud?.stop();
  await provider?.stop();
});

/** What a web app does, as docs/deploy.md tells it. */
const webApp = (
  api: string,
) => `<!doctype html><html lang="en"><title>App</title><main></main><script type="module">
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const main = document.querySelector("main");
const said = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
if (said.has("code")) {
  const answer = await fetch("${api}/auth/oidc/exchange", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: said.get("code"), code_verifier: sessionStorage.getItem("verifier") }),
  });
  sessionStorage.removeItem("verifier");
  const { access_token } = await answer.json();
  const me = await fetch("${api}/auth/me", { headers: { authorization: "Bearer " + access_token } });
  main.textContent = "Signed in as " + (await me.json()).email;
} else if (said.has("error")) {
  main.textContent = said.get("error") + ": " + said.get("error_description");
} else {
  const { oidc } = await (await fetch("${api}/auth/methods")).json();
  const button = document.createElement("button");
  button.textContent = oidc.label;
  button.onclick = async () => {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    sessionStorage.setItem("verifier", verifier);
    const code_challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
    location.href = oidc.login_url + "?" + new URLSearchParams({ code_challenge, return_to: location.href });
  };
  main.append(button);
}
</script></html>`;

const app = createServer((_, response) =>
  response.setHeader("content-type", "text/html").end(webApp(`${cloud.apiUrl}/api/v1`)),
);

/** Opens the web app, and goes to the provider by its button. @returns addresses that the browser went to */
async function goToProvider(): Promise<string[]> {
  page = await (await browser.newContext()).newPage();
  const visited: string[] = [];
  page.on("request", (request) => void visited.push(request.url()));
  await page.goto(`${APP}/login`);
  await page.getByRole("button", { name: "Sign in with Example" }).click();
  await page.waitForURL(`${provider.issuer}/**`);
  return visited;
}

async function signInThere(sub: string): Promise<void> {
  await page.locator('input[name="login"]').fill(sub);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
}

it("somebody signs in by the button of the web app, and no token is in any address", async () => {
  const sub = randomUUID();
  provider.accounts.set(sub, { email: `${sub}@example.com`, email_verified: true, name: "Ada Winter" });
  const visited = await goToProvider();
  await signInThere(sub);
  await page.getByText(`Signed in as ${sub}@example.com`).waitFor();
  expect(page.url()).toBe(`${APP}/login`);
  expect(visited.some((url) => url.includes("/oidc/callback?"))).toBe(true);
  expect(visited.filter((url) => /eyJ/.test(url))).toEqual([]);
  // What the log-in began with is gone.
  const cookies = await page.context().cookies(cloud.apiUrl);
  expect(cookies.filter(({ name }) => name.includes("oidc-"))).toEqual([]);
  const { users } = (await cloud.admin.api.users.list({ query: { search: sub } })).body();
  expect(users).toMatchObject([{ full_name: "Ada Winter", role: "viewer" }]);
});

it("who may not come in, or leaves the log-in, reads why in the web app", async () => {
  const sub = randomUUID();
  provider.accounts.set(sub, { email: `${sub}@example.org`, email_verified: true });
  await goToProvider();
  await signInThere(sub);
  await page.getByText("access_denied: Your e-mail address is of another organization").waitFor();
  await page.context().close();

  await goToProvider();
  await page.getByText("Cancel").click();
  await page
    .getByText("access_denied: Your organization's log-in has refused this, or you have left it")
    .waitFor();
});
