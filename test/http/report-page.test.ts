import { randomUUID } from "node:crypto";
import type { StoredReportSchedule } from "@success-manager/domain/table";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linkToken, type Purpose } from "../../packages/domain/src/reports/links.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { manyCalls, putReport, storedReport } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { FORM_BODY, JSON_BODY, type Received, type Sent, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { waitOf } from "../support/window.ts";

let cloud: TestCloud;
let storage: Storage;
/** All that the functions print. */
let printed: string[];

beforeAll(async () => {
  printed = [];
  cloud = await testCloud({ environment: { LOG_LEVEL: "DEBUG" }, log: (line) => printed.push(line) });
  storage = storageOf(cloud);
});
beforeEach(() => storage.remove(manyCalls));
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const [ADA, GRACE, ALAN] = ["ada@example.com", "Grace@Example.com", "alan@example.com"];
const TODAY = new Date().toISOString();

/** A schedule with secrets of its own, whose next run is not due. */
const schedule = (changes: Partial<StoredReportSchedule> = {}) =>
  putSchedule({
    report_name: "Weekly health",
    recipients: [ADA, GRACE, ALAN],
    next_scheduled_at: "2031-01-06T06:00:00.000Z",
    secret: randomUUID(),
    ...changes,
  });

const shown = async ({ id }: { readonly id: string }) =>
  (await cloud.viewer.api.reports.getSchedule({ params: { id } })).body();

const send = (method: string, path: string, sent?: Sent) => sender(cloud.apiUrl)(method, path, sent);
const ask = (token: string) => send("GET", `/report/${token}/leave`);
const leave = (token: string, sent?: Sent) => send("POST", `/report/${token}/leave`, sent);
const leaving = (from: StoredReportSchedule, recipient = ADA) => linkToken(from, recipient, "leave");

const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page for people, whatever happened: HTML that lets nothing in and tells nobody where it stood. */
function expectPage({ status, headers, text }: Received, expected: number, heading: string) {
  expect([status, /<h1>(.*?)<\/h1>/.exec(text)?.[1]]).toEqual([expected, heading]);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toBe(POLICY);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-robots-tag")).toBe("noindex, nofollow");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("set-cookie")).toBeNull();
  expect(text).toContain('<html lang="en" dir="ltr">');
  expect(text).toContain('<meta name="robots" content="noindex, nofollow">');
  expect(text).not.toMatch(/<script|<style|\sstyle=|\son\w+=|(?:src|href)="(?!\/report\/assets\/|")/);
}

const ASK = "No more of these reports?";
const LEFT = "You get no more of these reports";
const NOTHING = "There is nothing to leave here";
const NO_FILE = "We can’t find this report";

describe("the link in a mail", () => {
  it("asks first, and changes nothing", async () => {
    const mailed = await schedule();
    for (let load = 0; load < 2; load += 1) {
      const page = await ask(leaving(mailed));
      expectPage(page, 200, ASK);
      expect(page.text).toContain("Report <strong><bdi>Weekly health</bdi></strong> from <bdi>");
      expect(page.text).toContain("Send me no more of these reports");
    }
    expect(await shown(mailed)).toMatchObject({ recipients: [ADA, GRACE, ALAN], revision: 1 });
  });

  it("shows whose it is to its owner, and no address to anybody else", async () => {
    const mailed = await schedule({ recipients: [ADA, "x@example.com"] });
    const [page, short] = [await ask(leaving(mailed)), await ask(leaving(mailed, "x@example.com"))];
    expect(page.text).toContain("a…@example.com");
    expect(page.text).not.toContain(ADA);
    expect(short.text).toContain(">…@example.com");
  });

  it("shows names as text, whatever they are", async () => {
    const mailed = await schedule({ report_name: `<script>alert("1")</script> & 'Söhne' تقرير` });
    const name = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39; تقرير";
    for (const { text } of [await ask(leaving(mailed)), await leave(leaving(mailed))]) {
      expect(text).toContain(`<bdi>${name}</bdi>`);
      expect(text).not.toContain("<script");
    }
  });

  it("answers HEAD without a body, and with a slash at its end", async () => {
    const token = leaving(await schedule());
    const head = await send("HEAD", `/report/${token}/leave`);
    expect([head.status, head.text]).toEqual([200, ""]);
    expectPage(await send("GET", `/report/${token}/leave/`), 200, ASK);
  });
});

describe("a recipient who leaves", () => {
  it("is off the list, where everybody sees it; the others stay", async () => {
    const mailed = await schedule();
    expectPage(await leave(leaving(mailed, GRACE)), 200, LEFT);
    expect(await shown(mailed)).toMatchObject({ recipients: [ADA, ALAN], is_active: true, revision: 2 });
    expectPage(await ask(leaving(mailed)), 200, ASK);
  });

  it("is told so again, as often as they come", async () => {
    const mailed = await schedule();
    await leave(leaving(mailed));
    for (const page of [
      await leave(leaving(mailed)),
      await ask(leaving(mailed)),
      await leave(leaving(mailed)),
    ])
      expectPage(page, 200, LEFT);
    expect(await shown(mailed)).toMatchObject({ recipients: [GRACE, ALAN], revision: 2 });
  });

  it.each([
    ["a form", FORM_BODY, "List-Unsubscribe=One-Click"],
    [
      "a form of parts, which RFC 8058 prefers",
      { "content-type": "multipart/form-data; boundary=x" },
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    ],
    ["nothing", {}, undefined],
    ["something else", JSON_BODY, "{"],
  ])("does so by one click in a mail program, which sends %s", async (_, headers, body) => {
    const mailed = await schedule();
    const page = await leave(leaving(mailed), { headers, ...(body && { body }) });
    expectPage(page, 200, LEFT);
    expect((await shown(mailed)).recipients).toEqual([GRACE, ALAN]);
  });

  it("does so with all the others at once, each of them once", async () => {
    const mailed = await schedule();
    const tokens = [ADA, GRACE, ALAN].map((recipient) => leaving(mailed, recipient));
    const pages = await Promise.all([...tokens, ...tokens].map((token) => leave(token)));
    for (const page of pages) expectPage(page, 200, LEFT);
    expect(await shown(mailed)).toMatchObject({ recipients: [], is_active: false, revision: 4 });
  });

  it("while somebody changes the schedule loses nothing of either", async () => {
    const { api } = cloud.manager;
    for (let round = 0; round < 5; round += 1) {
      const mailed = await schedule();
      const change = { params: { id: mailed.id }, body: { report_name: `Round ${round}` } };
      const [page, changed] = await Promise.all([leave(leaving(mailed)), api.reports.updateSchedule(change)]);
      expect([page.status, changed.status]).toEqual([200, 200]);
      expect(await shown(mailed)).toMatchObject({
        report_name: `Round ${round}`,
        recipients: [GRACE, ALAN],
      });
    }
  });

  it("as the last one pauses the schedule, which stays to be looked at", async () => {
    const mailed = await schedule({ recipients: [ADA] });
    expectPage(await leave(leaving(mailed)), 200, LEFT);
    expect(await shown(mailed)).toMatchObject({ recipients: [], is_active: false });
    const { reports } = (
      await cloud.viewer.api.reports.listSchedules({ query: { is_active: false } })
    ).body();
    expect(reports.map(({ id }) => id)).toContain(mailed.id);
  });

  it("as the last one leaves a schedule that goes on only for somebody", async () => {
    const { id } = await schedule({ recipients: [] as string[], is_active: false });
    const { toggleSchedule, updateSchedule } = cloud.manager.api.reports;
    const refused = [
      await toggleSchedule({ params: { id } }),
      await updateSchedule({ params: { id }, body: { is_active: true } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([409, 409]);
    expect(refused[0]?.raw).toEqual({
      detail: "All recipients have left this report. Add one before it goes on.",
    });
    const body = { is_active: true, recipients: [ADA] };
    expect((await updateSchedule({ params: { id }, body })).body()).toMatchObject(body);
  });

  it("may be put back, and may leave again by the same link", async () => {
    const mailed = await schedule();
    await leave(leaving(mailed));
    const body = { recipients: [ADA] };
    (await cloud.manager.api.reports.updateSchedule({ params: { id: mailed.id }, body })).body();
    expectPage(await ask(leaving(mailed)), 200, ASK);
    expectPage(await leave(leaving(mailed)), 200, LEFT);
    expect((await shown(mailed)).recipients).toEqual([]);
  });

  it("has no part in what the API shows", async () => {
    const mailed = await schedule();
    await leave(leaving(mailed));
    expect(Object.keys(await shown(mailed))).not.toEqual(expect.arrayContaining(["left"]));
    expect(JSON.stringify(await shown(mailed))).not.toContain(leaving(mailed).slice(37));
  });
});

/** A token with another last character but one, all of whose bits count. */
const tampered = (token: string) => `${token.slice(0, -2)}${token.at(-2) === "A" ? "B" : "A"}${token.at(-1)}`;

describe("a link that leads nowhere", () => {
  const WRONG: readonly [string, (mailed: StoredReportSchedule) => Promise<string> | string][] = [
    ["of somebody who is no recipient", (mailed) => leaving(mailed, "eve@example.com")],
    ["of another schedule", async (mailed) => `${mailed.id}.${leaving(await schedule()).slice(37)}`],
    ["for something else", (mailed) => linkToken(mailed, ADA, "file")],
    ["that was tampered with", (mailed) => tampered(leaving(mailed))],
    ["of a schedule that never was", (mailed) => leaving({ ...mailed, id: randomUUID() })],
    ["that is cut off", (mailed) => leaving(mailed).slice(0, -1)],
    ["of a signature alone", (mailed) => leaving(mailed).slice(36)],
    ["of an id alone", ({ id }) => id],
    ["far too long", (mailed) => leaving(mailed) + "A".repeat(4000)],
    ["of other characters", () => "%C3%BC%20%3Cscript%3E"],
    ["a NUL", () => "%00"],
  ];

  it.each(WRONG)("is one %s", async (_, make) => {
    const mailed = await schedule();
    const token = await make(mailed);
    const [asked, left] = [await ask(token), await leave(token)];
    expectPage(asked, 404, NOTHING);
    // Nothing tells one kind of wrong from another.
    expect(left.text).toBe(asked.text);
    expect(left.status).toBe(404);
    expect(asked.text).toBe((await ask("nobody")).text);
    expect(await shown(mailed)).toMatchObject({ recipients: [ADA, GRACE, ALAN], revision: 1 });
  });

  it("is one of a schedule that was deleted", async () => {
    const mailed = await schedule();
    (await cloud.manager.api.reports.removeSchedule({ params: { id: mailed.id } })).body();
    for (const page of [await ask(leaving(mailed)), await leave(leaving(mailed))])
      expectPage(page, 404, NOTHING);
  });

  it("is one of somebody who was taken off the list by others", async () => {
    const mailed = await schedule();
    const body = { recipients: [GRACE] };
    (await cloud.manager.api.reports.updateSchedule({ params: { id: mailed.id }, body })).body();
    expectPage(await leave(leaving(mailed)), 404, NOTHING);
    expect((await shown(mailed)).recipients).toEqual([GRACE]);
  });
});

describe("the file of a report", () => {
  const PDF = Buffer.from("%PDF-1.7 for Ada");
  const file = (token: string) => send("GET", `/report/${token}/file`);

  /** A report whose file is there. */
  async function filed(changes: Parameters<typeof storedReport>[0] = {}) {
    const report = storedReport({ secret: randomUUID(), created_at: TODAY, ...changes });
    await putReport(report);
    const { storeFile } = await import("../../packages/domain/src/reports/storage.ts");
    if (report.file_path) await storeFile(report.file_path, PDF);
    return { report, token: (purpose: Purpose = "file") => linkToken(report, ADA, purpose) };
  }

  it("opens by the link of each who got it, as often as they like", async () => {
    const { token } = await filed();
    for (let click = 0; click < 2; click += 1) {
      const way = await file(token());
      expect(way.status).toBe(303);
      expect(way.headers.get("cache-control")).toBe("no-store");
      expect(way.headers.get("referrer-policy")).toBe("no-referrer");
      const answer = await fetch(way.headers.get("location") ?? "");
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("application/pdf");
      expect(answer.headers.get("cache-control")).toBe("private, no-store");
      expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="[^"]+\.pdf"/);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(PDF);
    }
  });

  it("answers HEAD", async () => {
    const { token } = await filed();
    expect((await send("HEAD", `/report/${token()}/file`)).status).toBe(303);
  });

  it("is not found by any other link, and all of them look the same", async () => {
    const { report, token } = await filed();
    const { report: other } = await filed();
    const wrong = [
      token("leave"),
      tampered(token()),
      linkToken(report, "eve@example.com", "file"),
      linkToken(other, ADA, "file").replace(other.id, report.id),
      linkToken({ ...report, id: randomUUID() }, ADA, "file"),
      "nobody",
    ];
    const pages = await Promise.all(wrong.map(file));
    for (const page of pages) expectPage(page, 404, NO_FILE);
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
  });

  it("is not found before it is there, nor when it is not kept any more", async () => {
    const { file_path: _, ...unfinished } = storedReport({ secret: randomUUID() });
    await putReport({ ...unfinished, file_path: undefined });
    expectPage(await file(linkToken(unfinished, ADA, "file")), 404, NO_FILE);
    const { token } = await filed({ expires_at_epoch: Math.floor(Date.now() / 1000) - 1 });
    expectPage(await file(token()), 404, NO_FILE);
  });
});

describe("a failure", () => {
  it("of the database changes nothing, and offers the same again", async () => {
    const mailed = await schedule();
    cloud.database.fail("PutItem", "InternalServerError", 10);
    const broken = await leave(leaving(mailed));
    cloud.database.fail("PutItem", "InternalServerError", 0);
    expectPage(broken, 503, "That didn’t work");
    expect(broken.headers.get("retry-after")).toBe("2");
    expect(broken.text).toContain('<form method="post">');
    expect((await shown(mailed)).revision).toBe(1);
    expectPage(await leave(leaving(mailed)), 200, LEFT);
  });

  it("to look is no reason to give up", async () => {
    const mailed = await schedule();
    cloud.database.fail("GetItem", "ValidationException", 1);
    const broken = await ask(leaving(mailed));
    expectPage(broken, 500, "That didn’t work");
    expect(broken.text).toContain('<a class="button" href="">Try again</a>');
  });

  it("is told for too many calls in a minute, of all pages together", async () => {
    const mailed = await schedule();
    const { countReportCall } = await import("@success-manager/domain/rate-limit");
    const now = Date.now();
    for (const minute of [now, now + 60_000])
      for (let call = 0; call < 120; call += 1) await countReportCall("127.0.0.1", minute);
    for (const page of [
      await ask(leaving(mailed)),
      await leave(leaving(mailed)),
      await send("GET", "/report/x/file"),
    ]) {
      expectPage(page, 429, "One moment, please");
      expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(page.text).toContain(`again in ${waitOf(page)}.`);
    }
    expect((await shown(mailed)).revision).toBe(1);
  });
});

describe("what is no page", () => {
  it.each(["/report", "/report/", "/report/x", "/report/assets/none.css", "/report/assets/..%2Findex.mjs"])(
    "is %s",
    async (path) =>
      expectPage(await send("GET", path), path.includes("%2F") ? 422 : 404, "There is nothing here"),
  );

  it.each(["PUT", "PATCH", "DELETE"])("is the method %s", async (method) => {
    const answer = await send(method, `/report/${randomUUID()}/leave`);
    expectPage(answer, 405, "There is nothing here");
    expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
  });
});

describe("a token", () => {
  it("is printed by nobody, nor is the address, not even for a failure", async () => {
    const mailed = await schedule();
    const token = leaving(mailed);
    cloud.database.fail("GetItem", "ValidationException", 1);
    printed.length = 0;
    const statuses = [(await ask(token)).status, (await leave(token)).status, (await leave(token)).status];
    expect(statuses).toEqual([500, 200, 200]);
    expect(printed.join("\n")).toContain("request failed");
    expect(printed.filter((line) => line.includes(token.slice(37)) || line.includes(ADA))).toEqual([]);
  });
});
