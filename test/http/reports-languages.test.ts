import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Language, ReportType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPdf } from "../../packages/pdf/src/testing/read-pdf.ts";
import { nodesOf, readStructure, spokenText } from "../../packages/pdf/src/testing/read-structure.ts";
import { putBacktest } from "../support/backtest.ts";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { type Letter, lettersTo } from "../support/inbox.ts";

/** Reports of the demo's portfolio and their mails, read back in every language. */

type Messages = Readonly<Record<string, string>>;
const messages = (language: Language): Messages =>
  JSON.parse(
    readFileSync(
      new URL(`../../packages/domain/src/messages/report/${language}.json`, import.meta.url),
      "utf8",
    ),
  );
const english = messages("en");

const DAY_MS = 24 * 60 * 60 * 1000;
const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
/** All that there ever was in the demo. */
const PERIOD = { date_from: dayBefore(700), date_to: dayBefore(0) };

let cloud: TestCloud;
let api: Api;

beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.admin.api;
  const { seed } = await import("@success-manager/demo");
  await seed();
  await putBacktest();
  await cloud.settled();
});
afterAll(() => cloud?.stop());

async function printed(report_type: ReportType, language: Language) {
  const filters = report_type === "score_backtest" ? {} : PERIOD;
  const report = (await api.reports.generate({ body: { report_type, language, filters } })).body();
  expect(report).toMatchObject({ status: "completed", language });
  const authorization = `Bearer ${cloud.admin.token}`;
  // To the file, which is at another origin: the token stays behind.
  const file = await fetch(`${cloud.apiUrl}/api/v1/reports/history/${report.id}/download`, {
    headers: { authorization },
  });
  return {
    bytes: new Uint8Array(await file.arrayBuffer()),
    name: decodeURIComponent(
      /filename\*?=(?:UTF-8'')?"?([^;"]+)"?$/.exec(file.headers.get("content-disposition") ?? "")?.[1] ?? "",
    ),
  };
}

/** Figures as plain as the API's, whatever the language writes between digits. */
const plain = (figure: number, language: Language) =>
  new Intl.NumberFormat(
    { en: "en-GB", de: "de-DE", fr: "fr-FR", es: "es-ES", ar: "ar-u-nu-latn" }[language],
    {
      maximumFractionDigits: 2,
    },
  ).format(figure);

const WORDS: Readonly<
  Record<Language, { readonly title: string; readonly health: string; readonly customers: string }>
> = {
  en: { title: "Executive Summary", health: "Average health", customers: "Customers" },
  de: { title: "Management-Zusammenfassung", health: "Mittlere Gesundheit", customers: "Kunden" },
  fr: { title: "Synthèse pour la direction", health: "Santé moyenne", customers: "Clients" },
  es: { title: "Resumen ejecutivo", health: "Salud media", customers: "Clientes" },
  ar: { title: "الملخص التنفيذي", health: "متوسط الصحة", customers: "العملاء" },
};

/** English messages without placeholders that are others in a language. */
const englishFor = (language: Language): ReadonlySet<string> => {
  const own = language === "en" ? english : messages(language);
  return new Set(
    Object.entries(english).flatMap(([key, text]) => (text.includes("{") || own[key] === text ? [] : [text])),
  );
};

describe.each(Language.options)("a report in %s", (language) => {
  it("has the dashboard's figures beside its own words, and says which language it is", async () => {
    const stats = (await api.dashboard.stats({})).body();
    const { bytes } = await printed("executive_summary", language);
    const { info } = await readPdf(bytes);
    expect(info).toMatchObject({ Language: language, Title: WORDS[language].title });
    const spoken = spokenText(await readStructure(bytes));
    const { health, customers } = WORDS[language];
    expect(spoken).toContain(`${health} ${plain(stats.avg_health_score ?? 0, language)}`);
    expect(spoken).toContain(`${customers} ${plain(stats.total_customers, language)}`);
    expect(spoken).toContain(plain(stats.avg_csat_score ?? 0, language));
  });

  it.each(language === "en" ? [] : ReportType.options)("has no English words of ours: %s", async (type) => {
    const { bytes } = await printed(type, language);
    const root = await readStructure(bytes);
    const words = /\b(the|of|and|customers|answers|with|period|since|today)\b/i;
    const foreign = englishFor(language);
    const headings = nodesOf(root, "TH").filter(({ scope }) => scope === "Column");
    for (const node of [...nodesOf(root, "H1", "H2", "H3", "Lbl", "Figure"), ...headings]) {
      const said = spokenText(node).trim();
      expect(said).not.toMatch(words);
      expect(foreign).not.toContain(said);
    }
  });
});

it("a file is called by the words of its report", async () => {
  expect((await printed("health_summary", "de")).name).toMatch(/^Kundengesundheit, .* bis .*\.pdf$/);
  expect((await printed("health_summary", "ar")).name).toMatch(/^ملخص صحة العملاء, .* إلى .*\.pdf$/);
});

it("who names no language gets the stage's", async () => {
  const report = (await api.reports.generate({ body: { report_type: "csat_analysis" } })).body();
  expect(report.language).toBe("en");
  const unknown = await fetch(`${cloud.apiUrl}/api/v1/reports/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${cloud.admin.token}`, "content-type": "application/json" },
    body: JSON.stringify({ report_type: "csat_analysis", language: "it" }),
  });
  expect(unknown.status).toBe(422);
});

describe("a schedule", () => {
  async function mailIn(language: Language): Promise<{ letter: Letter; text: string }> {
    const address = `board-${randomUUID()}@example.com`;
    const { id } = (
      await api.reports.createSchedule({
        body: {
          ...{ report_name: "Executive Summary", report_type: "executive_summary", frequency: "weekly" },
          ...{ recipients: [address], language },
          next_scheduled_at: new Date(Date.now() - DAY_MS).toISOString(),
        },
      })
    ).body();
    (await api.reports.runScheduled({})).body();
    const [letter] = await lettersTo(cloud.inboxUrl, address);
    if (!letter) throw new Error("No mail came");
    expect(
      (await api.reports.listHistory({ query: { scheduled_report_id: id } })).body().history,
    ).toMatchObject([{ language }]);
    return { letter, text: letter.body.text ?? "" };
  }

  it("mails in its language, with the figures of the API: German", async () => {
    const stats = (await api.dashboard.stats({})).body();
    const { letter, text } = await mailIn("de");
    expect(letter.subject).toMatch(/^Bericht: Management-Zusammenfassung, /);
    expect(letter.body.html).toContain('<html lang="de" dir="ltr">');
    expect(text).toContain("Wöchentlicher Bericht: Management-Zusammenfassung");
    expect(text).toContain(`Mittlere Gesundheit: ${plain(stats.avg_health_score ?? 0, "de")}`);
    expect(text).toContain("Sie erhalten diese E-Mail, weil");
    expect(text).not.toMatch(/\b(the|attached|customers|address)\b/);
    const [, leave = ""] = /https?:\/\/[^/]+(\/report\/\S+\/leave)/.exec(text) ?? [];
    const page = await (await fetch(`${cloud.apiUrl}${leave}`)).text();
    expect(page).toContain('<html lang="de" dir="ltr">');
    expect(page).toContain("Diese Berichte nicht mehr erhalten?");
  });

  it("mails in its language, from right to left: Arabic", async () => {
    const stats = (await api.dashboard.stats({})).body();
    const { letter, text } = await mailIn("ar");
    expect(letter.subject).toContain("تقرير: ");
    expect(letter.body.html).toContain('<html lang="ar" dir="rtl">');
    expect(letter.body.html).toContain('align="right"');
    expect(text).toContain(`متوسط الصحة: ${plain(stats.avg_health_score ?? 0, "ar")}`);
  });

  it("keeps its language until another is named; null gives the stage's", async () => {
    const recipients = ["a@example.com"];
    const body = {
      report_name: "R",
      report_type: "csat_analysis",
      frequency: "monthly",
      recipients,
    } as const;
    const { id, language } = (await api.reports.createSchedule({ body: { ...body, language: "fr" } })).body();
    expect(language).toBe("fr");
    const change = async (changes: { language?: Language | null; report_name?: string }) =>
      (await api.reports.updateSchedule({ params: { id }, body: changes })).body().language;
    expect(await change({ report_name: "S" })).toBe("fr");
    expect(await change({ language: "es" })).toBe("es");
    expect(await change({ language: null })).toBeNull();
    expect((await api.reports.createSchedule({ body })).body().language).toBeNull();
  });
});
