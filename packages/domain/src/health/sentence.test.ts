import type { MeasureSource } from "@success-manager/contract/score-definitions";
import { Language } from "@success-manager/contract/vocabulary";
import { describe, expect, test } from "vitest";
import { loadScoreTexts } from "../messages/index.ts";
import type { Evidence } from "./definition.ts";
import { KINDS, type Part, wholePart } from "./movement.ts";
import { portfolioLine, reasons, sentence } from "./sentence.ts";

const at = "2026-11-01T10:00:00.000Z";
const evidence = (what: Evidence["what"], value?: number): Evidence =>
  value === undefined
    ? { type: "interaction", id: "i", at, what }
    : { type: "survey", id: "s", at, what, value };

const part = (points: number, about: Partial<Part>): Part => ({
  ...wholePart("behaviour", points),
  ...about,
});
const happened = (points: number, what: Evidence["what"], count: number, value?: number) =>
  part(points, { measure: "support", events: [[what, count]], evidence: [evidence(what, value)] });

const example = {
  from: 72,
  to: 64,
  parts: [
    happened(1, "nps", 1, 9),
    happened(-6, "escalation", 2),
    part(-3, { kind: "aged_out", measure: "engagement", days: 90, events: [["meeting", 1]] }),
  ],
};

/** Arabic isolates figures with a sign. */
const plain = (text: string) => text.replaceAll(/[\u2066\u2069]/g, "");

describe("a sentence", () => {
  test.each([
    ["en", "72 → 64: −6 two escalations, −3 a meeting is older than 90 days, +1 an NPS of 9"],
    ["de", "72 → 64: −6 zwei Eskalationen, −3 ein Treffen liegt mehr als 90 Tage zurück, +1 ein NPS von 9"],
    ["fr", "72 → 64 : −6 deux escalades, −3 une réunion date de plus de 90 jours, +1 un NPS de 9"],
    ["es", "72 → 64: −6 dos escalaciones, −3 una reunión tiene más de 90 días, +1 un NPS de 9"],
    ["ar", "72 ← 64: −6 تصعيدان، −3 اجتماع أقدم من 90 يومًا، +1 إجابة NPS بقيمة 9"],
  ] as const)("in %s says what moved a score most first", async (language, said) => {
    expect(plain(sentence(example, await loadScoreTexts(language)))).toBe(said);
  });

  test.each([
    ["en", ["a meeting", "three meetings", "ten meetings", "11 meetings", "1,234 meetings"]],
    ["de", ["ein Treffen", "drei Treffen", "zehn Treffen", "11 Treffen", "1.234 Treffen"]],
    ["ar", ["اجتماع", "ثلاثة اجتماعات", "عشرة اجتماعات", "11 اجتماعًا", "1,234 اجتماعًا"]],
  ] as const)("in %s writes numbers up to ten in words", async (language, said) => {
    const texts = await loadScoreTexts(language);
    const of = (count: number) => plain(reasons([happened(1, "meeting", count)], texts)).replace("+1 ", "");
    expect([1, 3, 10, 11, 1234].map(of)).toEqual(said);
  });

  test.each([
    ["en", "+25 two escalations are resolved"],
    ["de", "+25 zwei Eskalationen sind gelöst"],
    ["fr", "+25 deux escalades sont résolues"],
    ["es", "+25 dos escalaciones están resueltas"],
    ["ar", "+25 تم حل تصعيدان"],
  ] as const)("in %s says that escalations are resolved, not that they came", async (language, said) => {
    const texts = await loadScoreTexts(language);
    const resolved = { source: "open_escalations", events: [["escalation", -2]] } as const;
    for (const measure of ["open", "cap:open_escalations"])
      expect(plain(reasons([part(25, { ...resolved, measure })], texts))).toBe(said);
  });

  const cap = (source: MeasureSource, points: number, events: Part["events"] = []) =>
    part(points, { source, measure: `cap:${source}`, events });

  test.each([
    [cap("open_escalations", -30, [["escalation", 1]]), "−30 the limit for open escalations"],
    // One of two is resolved, and the score without the limit would have risen.
    [cap("open_escalations", -5, [["escalation", -1]]), "−5 the limit for open escalations"],
    // Another one is opened, or nothing but the score under the limit has fallen: it is limited still.
    [cap("open_escalations", 2, [["escalation", 1]]), "+2 the limit for open escalations takes less"],
    [cap("open_escalations", 40), "+40 the limit for open escalations takes less"],
    [cap("escalations", -9, [["escalation", 3]]), "−9 the limit for escalations"],
    [cap("days_since_contact", -9), "−9 the limit for silence"],
    [cap("days_to_contract_end", 9), "+9 a limit of the score takes less"],
  ])("names what limits a score", async (limited, said) => {
    expect(reasons([limited], await loadScoreTexts("en"))).toBe(said);
  });

  test.each([
    [
      "de",
      "−30 die Obergrenze bei offenen Eskalationen",
      "+30 die Obergrenze bei offenen Eskalationen senkt weniger",
    ],
    [
      "fr",
      "−30 le plafond en cas d’escalade ouverte",
      "+30 le plafond en cas d’escalade ouverte retire moins",
    ],
    ["es", "−30 el límite por escalaciones abiertas", "+30 el límite por escalaciones abiertas resta menos"],
    ["ar", "−30 الحد الأقصى بسبب تصعيد مفتوح", "+30 الحد الأقصى بسبب تصعيد مفتوح يخصم أقل"],
  ] as const)("in %s names it too", async (language, lowers, takesLess) => {
    const texts = await loadScoreTexts(language);
    const said = [-30, 30].map((points) => plain(reasons([cap("open_escalations", points)], texts)));
    expect(said).toEqual([lowers, takesLess]);
  });

  test("agrees with feminine nouns in Arabic", async () => {
    const texts = await loadScoreTexts("ar");
    expect(plain(reasons([happened(2, "call", 4)], texts))).toBe("+2 أربع مكالمات");
  });

  test("names four reasons, the others together", async () => {
    const texts = await loadScoreTexts("en");
    const parts = KINDS.map((kind, n) => part(n + 1, { kind }));
    expect(reasons(parts, texts)).toMatch(/^\+6 .*, \+5 .*, \+4 .*, \+3 .*, \+3 other reasons$/);
    expect(sentence({ from: 60, to: 60, parts: [] }, texts)).toBe("60, unchanged");
  });

  test.each(Language.options)("has every reason in %s", async (language) => {
    const texts = await loadScoreTexts(language);
    const seen = KINDS.map((kind) => reasons([part(-2, { kind })], texts));
    expect(new Set(seen).size).toBe(KINDS.length);
    for (const said of seen) expect(plain(said)).toMatch(/^−2 \p{L}/u);
  });
});

describe("the line of a portfolio", () => {
  const moved = (kind: Part["kind"], measure: string | null, points: number) => ({
    ...{ kind, measure, points, gained: Math.max(0, points), lost: Math.max(0, -points) },
  });

  test("adds up measures by kind, the largest first", async () => {
    const parts = [
      moved("calendar", "financial", -1_200),
      moved("calendar", "adoption", -34),
      moved("behaviour", "support", -40),
      moved("behaviour", "engagement", 42),
      moved("data", null, 0),
    ];
    expect(portfolioLine({ improved: 1, declined: 112, parts }, await loadScoreTexts("en"))).toBe(
      "In the period scores rose once and fell 112 times. Points by reason: −1,234 the calendar, +2 what happened with customers.",
    );
  });

  test("is none where no score moved", async () => {
    expect(
      portfolioLine({ improved: 0, declined: 0, parts: [] }, await loadScoreTexts("de")),
    ).toBeUndefined();
  });
});
