import "./document/fixture/english.ts";
import { describe, expect, test } from "vitest";
import { FRAME } from "../mail/fixture/frame.ts";
import { finish } from "../mail/send.ts";
import { compose } from "../mail/transport.ts";
import type { StoredReport } from "../table/index.ts";
import { linkToken } from "./links.ts";
import { reportMail, TOO_LARGE_TO_MAIL } from "./mail.ts";
import type { Enclosure } from "./storage.ts";

const ORIGIN = "https://api.example.com";
const ADA = "ada@example.com";
const MAILING = { id: "1c0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11", secret: "t", frequency: "weekly" } as const;

const report = (changes: Partial<StoredReport> = {}): StoredReport => ({
  id: "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
  scheduled_report_id: MAILING.id,
  report_name: "Weekly health",
  report_type: "health_summary",
  date_from: "2026-11-16",
  date_to: "2026-11-22",
  status: "completed",
  file_path: "reports/2026/11/0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11.pdf",
  file_size: 84_000,
  generated_at: "2026-11-23T06:00:07.000Z",
  created_at: "2026-11-23T06:00:00.000Z",
  triggered_by: "Schedule",
  attempts: 1,
  mail_attempts: 1,
  deliveries: [{ recipient: ADA, status: "pending", sent_at: null, error: null }],
  secret: "s",
  revision: 3,
  expires_at_epoch: Date.parse("2027-12-28T06:00:00Z") / 1000,
  ...changes,
});

const NO_BRANDING = { logo_url: null, footer_text: null };
const AROUND = { ...FRAME, origin: ORIGIN };

const TAG = { kind: "report", subject: "r1", mail_id: "m1" } as const;

interface Given {
  readonly enclosure?: Enclosure;
  readonly changes?: Partial<StoredReport>;
  readonly bytes?: number;
  readonly mailing?: typeof MAILING | undefined;
  readonly origin?: string | undefined;
  readonly branding?: { readonly logo_url: string; readonly footer_text: string };
}

/** The mail to Ada. */
async function mailed({ changes, bytes = 84_000, ...links }: Given = {}) {
  const given = { mailing: MAILING, origin: ORIGIN, branding: NO_BRANDING, ...links };
  const letter = await reportMail(report(changes), { pdf: new Uint8Array(bytes), ...given });
  return finish({ to: ADA, tag: TAG, ...letter(ADA) }, AROUND);
}

/** The mail as it travels, its long headers on one line each (RFC 5322, 2.2.3). */
async function travelling(given?: Given) {
  const sent = await compose(await mailed(given), { name: "Extravis", address: "team@example.com" });
  const message = Buffer.from(sent).toString();
  const end = message.indexOf("\r\n\r\n");
  const head = message.slice(0, end).replace(/\r\n[ \t]+/g, " ");
  return { message, headers: head.split("\r\n") };
}

/** What HTML says, without its markup. */
const said = (html: string) =>
  html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");

describe("the mail of a report", () => {
  test("says what it is, about which days, and when it was made", async () => {
    const { subject, html, text } = await mailed();
    expect(subject).toBe("Report: Weekly health, 16 – 22 Nov 2026");
    for (const part of [said(html), text]) {
      expect(part).toContain("Weekly report");
      expect(part).toContain("Weekly health");
      expect(part).toContain("Customer Health Summary");
      expect(part).toContain("16 – 22 Nov 2026");
      expect(part).toContain("23 Nov 2026, 06:00 UTC");
      expect(part).toContain("Weekly health, 16 Nov 2026 to 22 Nov 2026.pdf");
      expect(part).toContain("84 KB");
    }
  });

  test("does not say the same twice where the report is called after its type", async () => {
    const { text } = await mailed({ changes: { report_name: "Customer Health Summary" } });
    expect(text.split("Customer Health Summary")).toHaveLength(2);
  });

  test("brings the PDF beside the text, not in place of it", async () => {
    const { message, headers } = await travelling();
    expect(headers.find((header) => header.startsWith("Content-Type:"))).toMatch(/multipart\/mixed/);
    const kinds = [...message.matchAll(/^Content-Type: ([\w/]+)/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual([
      "multipart/mixed",
      "multipart/alternative",
      "text/plain",
      "text/html",
      "application/pdf",
    ]);
    // Long headers go on in the next line.
    const unfolded = message.replaceAll(/\r\n[ \t]+/g, " ");
    const dispositions = [...unfolded.matchAll(/^Content-Disposition: (\w+);\s+filename="([^"]+)"/gm)];
    expect(dispositions.map(([, kind, name]) => [kind, name])).toEqual([
      ["attachment", "Weekly health, 16 Nov 2026 to 22 Nov 2026.pdf"],
    ]);
  });

  test("names the file in any script, in one piece (RFC 2231, 4)", async () => {
    const { message } = await travelling({ changes: { file_name: "株式会社 ไทย, Health summary" } });
    const [, value = ""] = /filename\*=UTF-8''(\S+)\r\n/.exec(message) ?? [];
    expect(decodeURIComponent(value)).toBe("株式会社 ไทย, Health summary, 16 Nov 2026 to 22 Nov 2026.pdf");
  });

  test("brings it up to 7 MB; from there on, the way to it", async () => {
    const [small, large] = await Promise.all(
      [TOO_LARGE_TO_MAIL - 1, TOO_LARGE_TO_MAIL].map((bytes) => mailed({ bytes })),
    );
    expect(small?.attachments).toMatchObject([
      { filename: "Weekly health, 16 Nov 2026 to 22 Nov 2026.pdf", contentType: "application/pdf" },
    ]);
    expect(small?.html).not.toContain("/file");
    expect(large?.attachments?.map(({ filename }) => filename)).toEqual([]);
    const url = `${ORIGIN}/report/${linkToken(report(), ADA, "file")}/file`;
    expect(large?.html).toContain(`<a href="${url}"`);
    expect(large?.text).toContain(`\n${url}\n`);
    for (const part of [large?.html, large?.text]) {
      expect(part).toContain("7.0 MB");
      expect(part).toContain("28 Dec 2027");
      expect(part).not.toContain("attached");
    }
  });

  test("fits into the 10 MB that SES takes", async () => {
    const { message } = await travelling({ bytes: TOO_LARGE_TO_MAIL - 1 });
    expect(Buffer.byteLength(message)).toBeLessThan(10_000_000);
  });
});

const SUMMARY = {
  sentences: ["Health fell <2> points.", "\u2068شركة\u2069 (−9) fell most.", "$3.05M of $28.9M is at risk."],
  figures: [
    { label: "Average health", value: "73.3", note: "−2.3 since 29 Oct", tone: "bad" as const },
    { label: "Customers at risk", value: "3" },
  ],
  chart: {
    title: "Customers by health",
    bars: [
      { label: "Healthy (80–100)", value: 6, valueText: "6 (42.9%)", tone: "good" as const },
      { label: "Critical (0–39)", value: 0, valueText: "0 (0.0%)" },
    ],
  },
};

describe("the message of a report", () => {
  const enclosure = (tables: readonly { filename: string; content: string }[] = []) => ({
    summary: SUMMARY,
    tables,
  });
  const withMessage = async (bytes = 84_000, tables?: Parameters<typeof enclosure>[0]) =>
    mailed({ bytes, enclosure: enclosure(tables) });

  test("comes before the file: sentences, figures with their change, and the chart", async () => {
    const { html, text } = await withMessage();
    for (const part of [said(html.replaceAll("&lt;", "<").replaceAll("&gt;", ">")), text]) {
      const places = [...SUMMARY.sentences, "Average health", "73.3", "Customers by health", "6 (42.9%)"].map(
        (words) => part.indexOf(words.replaceAll(/<2> /g, "")),
      );
      expect(part).toContain("−2.3 since 29 Oct");
      expect(part.indexOf("$3.05M")).toBeGreaterThan(0);
      expect(part.indexOf("Weekly health, 16 Nov")).toBeGreaterThan(Math.max(...places));
    }
    expect(html).toContain("Health fell &lt;2&gt; points.");
  });

  test("is what lists of mails show", async () => {
    const { html } = await withMessage();
    expect(html).toMatch(/overflow:hidden">Health fell &lt;2&gt; points\.</);
  });

  test("has figures and chart as tables that are read aloud: a caption, and a heading for each row", async () => {
    const { html } = await withMessage();
    expect([...html.matchAll(/<caption[^>]*>([^<]+)/g)].map(([, caption]) => caption)).toEqual([
      "Key figures",
      "Customers by health",
    ]);
    expect([...html.matchAll(/<th scope="row"[^>]*>([^<]+)/g)].map(([, heading]) => heading)).toEqual([
      "Average health",
      "Customers at risk",
      "Healthy (80–100)",
      "Critical (0–39)",
    ]);
    // Lengths from 0, the largest the longest.
    expect([...html.matchAll(/width:(\d+)px;height:10px/g)].map(([, width]) => Number(width))).toEqual([
      150, 1,
    ]);
  });

  test("brings tables along as CSV, as long as there is room", async () => {
    const tables = [
      { filename: "Customers at risk.csv", content: "\ufeffA,B\r\n1,2\r\n" },
      { filename: "All.csv", content: "x".repeat(TOO_LARGE_TO_MAIL) },
    ];
    const { attachments, text, html } = await withMessage(84_000, tables);
    expect(attachments?.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ["Weekly health, 16 Nov 2026 to 22 Nov 2026.pdf", "application/pdf"],
      ["Customers at risk.csv", "text/csv"],
    ]);
    for (const part of [said(html), text]) {
      expect(part).toContain("Tables as CSV: Customers at risk.csv.");
      expect(part).not.toContain("All.csv");
    }
    const large = await withMessage(TOO_LARGE_TO_MAIL - 5, tables);
    expect(large.attachments).toHaveLength(1);
  });

  test("says less of a report that was generated before mails said more", async () => {
    const { html, text } = await mailed();
    expect(`${html}${text}`).not.toMatch(/undefined|Key figures|Tables as CSV/);
  });
});

describe("the way off the list", () => {
  const leave = `${ORIGIN}/report/${linkToken(MAILING, ADA, "leave")}/leave`;

  test("stands in the mail, and in its headers for one click (RFC 8058)", async () => {
    const { html, text } = await mailed();
    expect(html).toContain(`<a href="${leave}"`);
    expect(said(html)).toContain("Send me no more of these reports");
    expect(text).toContain(`Send me no more of these reports:\n${leave}\n`);
    const { headers } = await travelling();
    expect(headers).toEqual(
      expect.arrayContaining([
        `List-Unsubscribe: <${leave}>`,
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
      ]),
    );
  });

  test("is no click where the address is not safe: RFC 8058 knows HTTPS only", async () => {
    const { headers } = await mailed({ origin: "http://127.0.0.1:8000" });
    expect(Object.keys(headers ?? {})).toEqual(["Auto-Submitted", "List-Unsubscribe"]);
  });

  test("is each recipient's own", async () => {
    const letter = await reportMail(report(), {
      pdf: new Uint8Array(1),
      mailing: MAILING,
      origin: ORIGIN,
      branding: NO_BRANDING,
    });
    const [ada, grace] = [letter(ADA), letter("grace@example.com")].map((message, n) =>
      finish({ to: n === 0 ? ADA : "grace@example.com", tag: TAG, ...message }, AROUND),
    );
    expect(ada?.headers?.["List-Unsubscribe"]).not.toBe(grace?.headers?.["List-Unsubscribe"]);
    expect(grace?.html).not.toContain(linkToken(MAILING, ADA, "leave"));
    expect([...(ada?.html ?? "ada").matchAll(/ada/gi)]).toEqual([]);
  });

  test.each([
    ["no schedule", { mailing: undefined }],
    ["no origin", { origin: undefined }],
  ])("is not there with %s", async (_, given) => {
    const { html, text, headers } = await mailed({ ...given, bytes: TOO_LARGE_TO_MAIL });
    expect(headers).toEqual({ "Auto-Submitted": "auto-generated" });
    for (const part of [html, text]) expect(part).not.toMatch(/\/leave|no more of these/);
  });

  test("without an origin a large file is said to be in the history", async () => {
    const { html, text } = await mailed({ origin: undefined, bytes: TOO_LARGE_TO_MAIL });
    for (const part of [html, text]) {
      expect(part).toContain("history of reports");
      expect(part).not.toContain("href");
    }
  });
});

describe("what people typed", () => {
  const HOSTILE = `<script>alert("1")</script> & 'Söhne'\r\nBcc: eve@example.com\u2028\u202e`;

  test("is text in HTML, and one line everywhere else", async () => {
    const { subject, html, text } = await mailed({ changes: { report_name: HOSTILE } });
    expect(html).not.toMatch(/<script/);
    expect(html).toContain(
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39; Bcc: eve",
    );
    expect(subject).toMatch(/^Report: <script>.* Bcc: eve@example\.com, 16 – 22 Nov 2026$/);
    expect(text.split("\n")[0]).toMatch(/Bcc: eve@example\.com$/);
    for (const part of [subject, html, text]) expect(part).not.toMatch(/[\u2028\u202e\r]/);
  });

  test("makes no header", async () => {
    const { headers } = await travelling({ changes: { report_name: HOSTILE } });
    expect(headers.filter((header) => /^bcc/i.test(header))).toEqual([]);
    expect(headers.filter((header) => header.startsWith("Subject:"))).toHaveLength(1);
  });

  test("keeps its direction to itself", async () => {
    const { subject, html, text } = await mailed({ changes: { report_name: "تقرير 2026" } });
    expect(subject).toBe("Report: \u2068تقرير 2026\u2069, 16 – 22 Nov 2026");
    expect(text).toContain("Weekly report: \u2068تقرير 2026\u2069\n");
    expect(html).toContain('<bdi dir="auto">تقرير 2026</bdi>');
  });
});

test("the HTML needs no styles of a page but those for the dark, no pictures and no scripts", async () => {
  for (const bytes of [1, TOO_LARGE_TO_MAIL]) {
    const { html } = await mailed({ bytes });
    expect(html.replace(/<style>.*?<\/style>/s, "")).not.toMatch(/<style|<link|<img|<script|class=|url\(/);
    // Gmail cuts off what is longer (its help pages, "Message clipped").
    expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  }
});

describe("what an admin has set for mails", () => {
  const branding = { logo_url: "https://example.com/logo.png?a=1&b=2", footer_text: 'Us & <Co> "Ltd"' };

  test("stands in the mail, escaped, and in its plain text", async () => {
    const { html, text } = await mailed({ branding });
    expect(html).toContain('<img src="https://example.com/logo.png?a=1&amp;b=2" alt="Extravis"');
    expect(html).toContain("Us &amp; &lt;Co&gt; &quot;Ltd&quot;");
    expect(text).toContain(branding.footer_text);
  });

  test("leaves no trace where there is none", async () => {
    const { html, text } = await mailed();
    expect(html).not.toContain("<img");
    expect(`${html}${text}`).not.toMatch(/null|undefined/);
  });
});
