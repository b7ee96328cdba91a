import { randomUUID } from "node:crypto";
import type { StoredReportSchedule } from "@success-manager/domain/table";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { linksOf, putReport, storedReport } from "../support/report.ts";
import { putSchedule } from "../support/report-schedule.ts";
import { FORM_BODY, sender } from "../support/send.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";
import { type Storage, storageOf } from "../support/storage.ts";

let cloud: TestCloud;
let storage: Storage;
/** Between the functions and SES: what was sent, as it travelled. */
let ses: ServiceProxy;

beforeAll(async () => {
  ses = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_SES: ses.url } });
  ses.forwardTo(cloud.endpoints.ses);
  storage = storageOf(cloud);
});
beforeEach(async () => {
  ses.take();
  await storage.remove("report_schedule#");
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
  await ses?.close();
});

const somebody = () => `ada-${randomUUID()}@example.com`;

/** Makes and mails all that is due. */
const run = async () => (await cloud.manager.api.reports.runScheduled({})).body().results;

async function mailed(changes: Partial<StoredReportSchedule>) {
  const schedule = await putSchedule(changes);
  expect(await run()).toMatchObject({ generated: 1, errors: [] });
  const query = { scheduled_report_id: schedule.id };
  const [report] = (await cloud.viewer.api.reports.listHistory({ query })).body().history;
  return { schedule, report };
}

const Parsed = z.object({
  emails: z.array(
    z.object({
      destination: z.object({ to: z.array(z.string()) }),
      attachments: z.array(z.object({ content: z.string(), contentDisposition: z.string() })),
    }),
  ),
});

/** The files that came with a mail, as the inbox understood it. */
async function filesTo(address: string) {
  const { emails } = Parsed.parse(await (await fetch(`${cloud.inboxUrl}/store`)).json());
  return emails
    .filter(({ destination }) => destination.to.includes(address))
    .flatMap(({ attachments }) => attachments)
    .map(({ content, contentDisposition }) => ({
      contentDisposition,
      bytes: Buffer.from(content, "base64"),
    }));
}

/** The headers of the messages that were sent, each on one line (RFC 5322, 2.2.3). */
const headersSent = () =>
  ses.take().map(({ body }) => {
    const raw = Buffer.from(new URLSearchParams(body).get("RawMessage.Data") ?? "", "base64").toString();
    const head = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
    return head.split("\r\n");
  });

const linkIn = (text = "", end: "leave" | "file") =>
  new RegExp(`http://127\\.0\\.0\\.1:\\d+(/report/\\S+/${end})`).exec(text)?.[1] ?? "";

describe("a report that is due", () => {
  it("arrives with its file, and says what it is", async () => {
    const address = somebody();
    const { api } = cloud.manager;
    const company_name = `Nordlicht & Söhne ${randomUUID()}`;
    const { id: customer_id } = (await api.customers.create({ body: { company_name } })).body();
    const { report } = await mailed({
      report_name: "Health of Nordlicht",
      frequency: "weekly",
      recipients: [address],
      filters: { customer_id },
    });
    const [letter, ...others] = await lettersTo(cloud.inboxUrl, address);
    expect(others).toEqual([]);
    expect(letter?.subject).toMatch(/^Report: Health of Nordlicht, \d.* 20\d\d$/);
    expect(letter?.attachments).toMatchObject([
      {
        filename: expect.stringMatching(/, .*\d{4}\.pdf$/),
        contentType: "application/pdf",
      },
    ]);
    const [file, ...more] = await filesTo(address);
    expect(more).toEqual([]);
    expect(file?.contentDisposition).toBe("attachment");
    expect(file?.bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(file?.bytes.byteLength).toBe(report?.file_size);
    for (const part of [letter?.body.text, letter?.body.html?.replaceAll("&amp;", "&")]) {
      expect(part).toContain("Weekly report");
      expect(part).toContain("Customer Health Summary");
      expect(part).toContain(company_name);
      expect(part).toMatch(/\d{1,2} \w+ \d{4}, \d\d:\d\d UTC/);
    }
  });

  it("goes to each recipient in a mail of their own, with a way off the list", async () => {
    const recipients = [somebody(), somebody()];
    await mailed({ recipients });
    const sent = headersSent();
    expect(sent.map((head) => head.filter((line) => /^(to|cc|bcc):/i.test(line))).sort()).toEqual(
      recipients.map((address) => [`To: ${address}`]).sort(),
    );
    for (const head of sent) {
      expect(head).toContain("Auto-Submitted: auto-generated");
      expect(head.filter((line) => line.startsWith("List-Unsubscribe:"))).toEqual([
        expect.stringMatching(/^List-Unsubscribe: <http:\/\/127\.0\.0\.1:\d+\/report\/[\w.-]{80}\/leave>$/),
      ]);
      expect(head.find((line) => line.startsWith("Content-Type:"))).toMatch(/multipart\/mixed/);
    }
    expect(new Set(sent.map((head) => head.find((line) => line.startsWith("List-")))).size).toBe(2);
  });

  it("comes no more to those who left by its link, and still comes to the others", async () => {
    const [leaver, stayer] = [somebody(), somebody()];
    const { schedule } = await mailed({ recipients: [leaver, stayer] });
    const [letter] = await lettersTo(cloud.inboxUrl, leaver);
    const way = linkIn(letter?.body.text, "leave");
    expect(letter?.body.html).toContain(way);
    const click = { headers: FORM_BODY, body: "List-Unsubscribe=One-Click" };
    expect((await sender(cloud.apiUrl)("POST", way, click)).status).toBe(200);

    const { ReportScheduleEntity } = await import("@success-manager/domain/table");
    const { data } = await ReportScheduleEntity.get({ id: schedule.id }).go({ consistent: true });
    if (!data) throw new Error("The schedule is gone");
    await ReportScheduleEntity.put({ ...data, next_scheduled_at: schedule.next_scheduled_at }).go();
    expect(await run()).toMatchObject({ generated: 1, errors: [] });
    expect(await lettersTo(cloud.inboxUrl, leaver)).toHaveLength(1);
    expect(await lettersTo(cloud.inboxUrl, stayer)).toHaveLength(2);
  });

  it("is not made for nobody: with its last recipient a schedule rests", async () => {
    const address = somebody();
    const schedule = await putSchedule({
      recipients: [address],
      next_scheduled_at: "2031-01-01T06:00:00.000Z",
    });
    const { leave } = await linksOf(schedule.id, await putReport(), address);
    await sender(cloud.apiUrl)("POST", `/report/${leave}/leave`);
    const { ReportScheduleEntity } = await import("@success-manager/domain/table");
    const { data } = await ReportScheduleEntity.get({ id: schedule.id }).go({ consistent: true });
    if (!data) throw new Error("The schedule is gone");
    await ReportScheduleEntity.put({ ...data, next_scheduled_at: "2026-01-01T06:00:00.000Z" }).go();
    expect(await run()).toMatchObject({ total_due: 0 });
  });

  it("shows what people wrote as text, and makes no header of it", async () => {
    const address = somebody();
    const report_name = `<script>alert("x")</script> & Söhne\r\nBcc: eve@example.com`;
    await mailed({ report_name, recipients: [address] });
    const [letter] = await lettersTo(cloud.inboxUrl, address);
    expect(letter?.body.html).not.toContain("<script");
    expect(letter?.body.html).toContain("&lt;script&gt;");
    expect(letter?.subject).toContain(`<script>alert("x")</script> & Söhne Bcc: eve@example.com, `);
    expect(letter?.destination).toEqual({ to: [address], cc: [], bcc: [] });
    expect(
      headersSent()
        .flat()
        .filter((line) => /^bcc/i.test(line)),
    ).toEqual([]);
    expect(await lettersTo(cloud.inboxUrl, "eve@example.com")).toEqual([]);
  });

  it("has its name in every script and direction", async () => {
    const address = somebody();
    await mailed({ report_name: "تقرير الصحة 2026", recipients: [address] });
    const [letter] = await lettersTo(cloud.inboxUrl, address);
    expect(letter?.subject).toMatch(/^Report: \u2068تقرير الصحة 2026\u2069, /);
    expect(letter?.body.html).toContain('<bdi dir="auto">تقرير الصحة 2026</bdi>');
    expect(letter?.body.text).toContain("\u2068تقرير الصحة 2026\u2069");
  });
});

describe("a report that is too large for a mail", () => {
  it("is a link away, for each recipient by one of their own", async () => {
    const address = somebody();
    const schedule = await putSchedule({
      recipients: [address],
      next_scheduled_at: "2031-01-01T06:00:00.000Z",
    });
    const pdf = new Uint8Array(7_000_000).fill(37);
    const report = storedReport({
      scheduled_report_id: schedule.id,
      file_size: pdf.byteLength,
      secret: randomUUID(),
      mail_attempts: 0,
      deliveries: [{ recipient: address, status: "pending", sent_at: null, error: null }],
      due_at: "2026-01-01T06:00:00.000Z",
    });
    const { storeFile } = await import("../../packages/domain/src/reports/storage.ts");
    await storeFile(report.file_path ?? "", pdf);
    await putReport(report);
    await run();

    const [letter] = await lettersTo(cloud.inboxUrl, address);
    expect(letter?.attachments).toEqual([]);
    const way = linkIn(letter?.body.text, "file");
    expect(letter?.body.html).toContain(way);
    const answer = await sender(cloud.apiUrl)("GET", way);
    expect(answer.status).toBe(303);
    const file = await fetch(answer.headers.get("location") ?? "");
    expect((await file.arrayBuffer()).byteLength).toBe(pdf.byteLength);
  });
});
