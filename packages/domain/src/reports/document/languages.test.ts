import "./fixture/english.ts";
import { Language, SurveyType } from "@success-manager/contract/vocabulary";
import { describe, expect, it } from "vitest";
import { loadReportTexts, type ReportKey } from "../../messages/index.ts";
import english from "../../messages/report/en.json" with { type: "json" };
import { detectLowScore } from "../../surveys/index.ts";
import { formatAlertTitle } from "./alert-titles.ts";
import {
  formatAmount,
  formatChange,
  formatDate,
  formatList,
  formatMonth,
  formatName,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatPeriodName,
  formatShortDate,
  formatSigned,
  formatTerm,
} from "./format.ts";
import { inLanguage, spoken } from "./words.ts";

const NOVEMBER = { date_from: "2026-11-01", date_to: "2026-11-30" };
const [LRI, PDI, FSI] = ["\u2066", "\u2069", "\u2068"];

describe("in German", () => {
  const german = <T>(work: () => T) => inLanguage("de", work);

  it("days, amounts and figures are written as there", async () => {
    expect(
      await german(() => [
        formatDate("2026-11-22"),
        formatShortDate("2026-11-02"),
        formatMonth("2026-05"),
        formatPeriod(NOVEMBER),
        formatPeriodName(NOVEMBER),
        formatPeriodName({ date_from: "2026-07-01", date_to: "2026-09-30" }),
        formatNumber(-1234.5, 1),
        formatSigned(37),
        formatPercent(12.34).replace("\u00a0", " "),
        formatAmount(1_234_567_00).replaceAll("\u00a0", " "),
        formatList(["A", "B", "C", "D"], 2),
        formatTerm("at_risk"),
      ]),
    ).toEqual([
      "22. Nov. 2026",
      "02.11.26",
      "Mai 2026",
      "1.–30. Nov. 2026",
      "November 2026",
      "Juli bis September 2026",
      "−1.234,5",
      "+37",
      "12,3 %",
      "1,23 Mio. $",
      "A, B und 2 weitere",
      "Gefährdet",
    ]);
  });

  it("amounts under a million are whole: there is no short word for a thousand", async () => {
    const amounts = await german(() => [9_500_50, 10_000_50, 890_593_91, 1_150_000_00].map(formatAmount));
    expect(amounts.map((amount) => amount.replaceAll("\u00a0", " "))).toEqual([
      "9.500,50 $",
      "10.001 $",
      "890.594 $",
      "1,15 Mio. $",
    ]);
  });

  it("a change is one note", async () => {
    expect(await german(() => formatChange(82.4, 80.3, { against: "ggü. Okt.", decimals: 1 }))).toEqual({
      note: "+2,1 ggü. Okt.",
      tone: "good",
    });
  });
});

describe("in Arabic", () => {
  it("figures have Western digits, and those with a sign are isolated: words would turn them around", async () => {
    const [number, signed, percent, name, date] = await inLanguage("ar", () => [
      formatNumber(1234.5, 1),
      formatSigned(-18),
      formatPercent(12.3),
      formatName("Acme"),
      formatDate("2026-11-22"),
    ]);
    expect([number, signed, percent]).toEqual(["1,234.5", `${LRI}−18${PDI}`, `${LRI}12.3%${PDI}`]);
    expect(name).toBe(`${FSI}Acme${PDI}`);
    expect(date).toBe("22 نوفمبر 2026");
  });

  it("a currency of Latin letters is isolated: its sign would stand on the wrong side", async () => {
    const [million, exact] = await inLanguage("ar", () =>
      [1_150_000_00, -9_500_50].map((cents) => formatAmount(cents).replaceAll("\u00a0", " ")),
    );
    expect(million).toBe(`1.15 مليون ${LRI}US$${PDI}`);
    expect(exact).toBe(`−9,500.50 ${LRI}US$${PDI}`);
  });
});

it("two reports that are made at once each keep their language", async () => {
  const said = await Promise.all(
    Language.options.map((language) =>
      inLanguage(language, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return spoken().language;
      }),
    ),
  );
  expect(said).toEqual(Language.options);
  expect(spoken().language).toBe("en");
});

describe("titles of alerts", () => {
  const NOW = new Date("2026-11-22T08:00:00.000Z");
  const survey = (survey_type: SurveyType) =>
    detectLowScore(
      {
        ...{ id: "s", customer_id: "c", survey_type, score: 1, submitted_by_name: "Ada" },
        ...{ submitted_at: NOW.toISOString(), submitted_via: "email_link" },
      } as Parameters<typeof detectLowScore>[0],
      "Acme",
    )?.title ?? "";

  it("stay as they are in English, and where people wrote them", async () => {
    expect(formatAlertTitle("Contract ends on 7 Dec 2026")).toBe("Contract ends on 7 Dec 2026");
    expect(await inLanguage("de", () => formatAlertTitle("Call them"))).toBe("Call them");
    expect(await inLanguage("de", () => formatAlertTitle("Low score in my heart"))).toBe(
      "Low score in my heart",
    );
  });

  it.each([
    ["Contract ends on 7 Dec 2026", "Vertrag endet am 7. Dez. 2026"],
    ["Contract ended on 1 Sept 2026", "Vertrag endete am 1. Sept. 2026"],
    ["SupportX license ends on 7 Dec 2026", "Lizenz für SupportX endet am 7. Dez. 2026"],
    ["No contact since 1 Mar 2026", "Kein Kontakt seit 1. März 2026"],
    ["Engagement score fell", "Engagement ist gefallen"],
    ["Escalation: {x} 'y'", "Eskalation: {x} 'y'"],
  ])("%s is %s", async (title, expected) => {
    expect(await inLanguage("de", () => formatAlertTitle(title))).toBe(expected);
  });

  it.each(SurveyType.options)("a low score in %s is told in each language", async (survey_type) => {
    const title = survey(survey_type);
    expect(title).toMatch(/^Low score in /);
    for (const language of ["de", "fr", "es", "ar"] as const)
      expect(await inLanguage(language, () => formatAlertTitle(title))).not.toBe(title);
  });
});

it.each(Language.options)("every message can be written in %s", async (language) => {
  const texts = await loadReportTexts(language);
  const values = new Proxy({}, { get: () => 3, has: () => true });
  for (const key of Object.keys(english) as ReportKey[]) expect(texts.text(key, values), key).not.toBe("");
});
