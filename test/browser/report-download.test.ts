import { once } from "node:events";
import { createServer } from "node:http";
import type { Report } from "@success-manager/contract/reports";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { startBrowser } from "../support/browser.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

/** One that may call the API, and one that may not. */
const APP = "http://localhost:5173";
const STRANGER = "http://localhost:5199";

/** What a page got for a request of its own: what it may see of the answer, or that it may see nothing. */
type Got =
  | { readonly status: number; readonly type: string; readonly disposition: string; readonly text: string }
  | { readonly refused: true };

/** An app that can ask in the two ways that browsers have. */
const PAGE = `<!doctype html><title>App</title><script>
  const refused = { refused: true };
  const byFetch = (url, headers) => fetch(url, { headers }).then(
    async (answer) => ({
      status: answer.status,
      type: answer.headers.get("content-type"),
      disposition: answer.headers.get("content-disposition"),
      text: await answer.text(),
    }),
    () => refused,
  );
  const byXhr = (url, headers) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "blob";
    request.onerror = () => resolve(refused);
    request.onload = async () => resolve({
      status: request.status,
      type: request.getResponseHeader("content-type"),
      disposition: request.getResponseHeader("content-disposition"),
      text: await request.response.text(),
    });
    request.send();
  });
</script>`;

const app = createServer((_, response) => response.setHeader("content-type", "text/html").end(PAGE));

let cloud: TestCloud;
let browser: Browser;
let page: Page;
let report: Report;

beforeAll(async () => {
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const address = app.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const at = `127.0.0.1:${address.port}`;
  [cloud, browser] = await Promise.all([
    testCloud(),
    startBrowser({ [new URL(APP).host]: at, [new URL(STRANGER).host]: at }),
  ]);
  report = (await cloud.manager.api.reports.generate({ body: { report_type: "customer_overview" } })).body();
});
afterAll(async () => {
  await browser?.close();
  app.close();
  await cloud?.stop();
});
afterEach(() => page?.context().close());

async function open(origin: string): Promise<void> {
  page = await (await browser.newContext()).newPage();
  await page.goto(origin);
}

type Way = "byFetch" | "byXhr";
const get = (way: Way, url: string, headers: Readonly<Record<string, string>> = {}) =>
  page.evaluate<Got>(`${way}(${JSON.stringify(url)}, ${JSON.stringify(headers)})`);

const download = () => `${cloud.apiUrl}/api/v1/reports/history/${report.id}/download`;
const signedIn = (accept: string) => ({ authorization: `Bearer ${cloud.viewer.token}`, accept });

/** As browsers and the usual libraries ask. */
const ANYTHING = "application/json, text/plain, */*";

const PDF = {
  status: 200,
  type: "application/pdf",
  disposition: expect.stringMatching(/^attachment; filename="Customer overview, .+\.pdf"/),
  text: expect.stringMatching(/^%PDF-/),
};

const FileAddress = z.object({ url: z.url() });

/** The address of the file, from the API itself. */
async function addressOf(): Promise<string> {
  const answer = await fetch(download(), { headers: signedIn("application/json") });
  return FileAddress.parse(await answer.json()).url;
}

describe("a report", () => {
  it("is there to be loaded", () => {
    expect(report).toMatchObject({ status: "completed", report_type: "customer_overview" });
  });
});

describe("an app of ours in a browser", () => {
  it.each<Way>(["byFetch", "byXhr"])(
    "asks for the address of a report, and loads it from there, %s",
    async (way) => {
      await open(APP);
      const answer = await get(way, download(), signedIn("application/json"));
      if ("refused" in answer) throw new Error("refused");
      expect(answer).toMatchObject({ status: 200, type: "application/json" });
      const { url } = FileAddress.parse(JSON.parse(answer.text));
      expect(await get(way, url)).toEqual(PDF);
    },
  );

  it.each<Way>(["byFetch", "byXhr"])("asks for a report, and gets it without a redirect, %s", async (way) => {
    await open(APP);
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(`${request.method()} ${request.url()}`));
    expect(await get(way, download(), signedIn(ANYTHING))).toEqual(PDF);
    expect(asked).toEqual([`GET ${download()}`]);
  });

  it("gets it also when it calls every request of its own JSON", async () => {
    await open(APP);
    const headers = { ...signedIn(ANYTHING), "content-type": "application/json" };
    expect(await get("byFetch", download(), headers)).toEqual(PDF);
  });

  it("saves it under its name, by a link to its address", async () => {
    await open(APP);
    const url = await addressOf();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.evaluate(`location.assign(${JSON.stringify(url)})`),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^Customer overview, .+\.pdf$/);
    expect(await saved.failure()).toBeNull();
  });
});

describe("a page in a sandbox, whose origin is null", () => {
  it("gets nothing of a report, whose address it has", async () => {
    await open(APP);
    const url = await addressOf();
    const script = `fetch(${JSON.stringify(url)}).then((answer) => answer.text(), () => "refused")
      .then((text) => parent.postMessage(text, "*"))`;
    const got = await page.evaluate<string>(`new Promise((resolve) => {
      addEventListener("message", ({ data }) => resolve(data));
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.srcdoc = ${JSON.stringify(`<script>${script}</script>`)};
      document.body.append(frame);
    })`);
    expect(got).toBe("refused");
  });
});

describe("a page of somebody else", () => {
  it.each<Way>(["byFetch", "byXhr"])("gets nothing, %s", async (way) => {
    await open(STRANGER);
    for (const accept of ["application/json", ANYTHING])
      expect(await get(way, download(), signedIn(accept))).toEqual({ refused: true });
    expect(await get(way, await addressOf())).toEqual({ refused: true });
  });
});
