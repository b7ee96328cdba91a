import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { definitionOne, EQUAL_WEIGHTS, RECOMMENDED } from "../health/index.ts";
import { backtest } from "../statistics/index.ts";
import { type History, type Question, rowsOf, subjectsOf } from "./rows.ts";

const FIRST = "2025-01-01";
const CUTS = ["2025-04-01", "2025-06-01", "2025-08-01"];
const HORIZON = 60;
const day = (n: number) => daysAfter(FIRST, n);
/** In the middle of a day, so that no entry is of the same instant as a cut. */
const noon = (n: number) => `${day(n)}T12:00:00.000Z`;
const known = { definitions: [], weights: EQUAL_WEIGHTS };

const aDay = fc.integer({ min: 0, max: 330 });
const lag = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 }));

const interactions = fc.array(
  fc.record({
    type: fc.constantFrom("meeting", "call", "email", "support_ticket", "escalation"),
    sentiment: fc.constantFrom("positive", "neutral", "negative"),
    on: aDay,
    lag,
  }),
  { maxLength: 12 },
);
const responses = fc.array(fc.record({ score: fc.integer({ min: 1, max: 5 }), on: aDay }), { maxLength: 4 });
const escalations = fc.array(fc.record({ on: aDay, open: fc.option(fc.integer({ min: 1, max: 200 })) }), {
  maxLength: 3,
});
const deployments = fc.array(
  fc.record({ product: fc.constantFrom("MonetX", "SupportX", "GreenX"), on: aDay, lag }),
  { maxLength: 3 },
);
const life = fc.record({ interactions, responses, escalations, deployments });
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

const historyOf = ({ interactions: some, responses: answers, escalations: open }: Life): History => ({
  interactions: some.map(({ type, sentiment, on, lag: late }, n) => ({
    ...{ id: `i${n}`, interaction_type: type as "meeting", sentiment: sentiment as "neutral" },
    ...{ interaction_date: noon(on), created_at: noon(on + late) },
  })),
  responses: answers.map(({ score, on }, n) => ({
    ...{ id: `r${n}`, survey_type: "quarterly" as const, score, submitted_at: noon(on) },
  })),
  escalations: open.map(({ on, open: days }, n) => ({
    ...{ id: `e${n}`, opened_at: noon(on), resolved_at: days === null ? undefined : noon(on + days) },
  })),
});

/** @param left_on as the ledger, the status and the products of somebody who left would have it */
const rowOf = ({ deployments: some }: Life, left_on?: string): CustomerRow =>
  ({
    customer: {
      ...{ id: "c1", status: left_on ? "churned" : "active", contract_start_date: "2024-01-01" },
      ...{ created_at: "2024-01-01T00:00:00.000Z", contract_end_date: "2026-06-30" },
    },
    ledger: left_on && {
      ...{ customer_id: "c1", began_on: "2024-01-01", revision: 1 },
      facts: JSON.stringify([
        { id: "o", version: 1, kind: "churned", effective_on: left_on, reason: "x", recorded_at: left_on },
      ]),
    },
    deployments: some.map(({ product, on, lag: late }, n) => ({
      ...{ id: `d${n}`, product_name: product, deployment_date: day(on), created_at: noon(on + late) },
      ...{ is_active: !left_on, updated_at: left_on ? `${left_on}T09:00:00.000Z` : noon(on + late) },
    })),
  }) as unknown as CustomerRow;

const question = (cuts: readonly string[], changes: Partial<Question> = {}): Question => ({
  ...{ definition: { ...RECOMMENDED, version: 0 }, segment: {}, cuts, horizon_days: HORIZON },
  ...{ known_by: "recorded", known_until: "2026-12-31", ...changes },
});

const rowsAt = (one: Life, asked: Question, left_on?: string) => {
  const [subject] = subjectsOf([rowOf(one, left_on)], asked).subjects;
  return subject ? rowsOf(subject, historyOf(one), { ...known, question: asked }).tested : [];
};
const said = (rows: ReturnType<typeof rowsAt>) =>
  rows.map(({ cut, score, band, measures }) => ({ cut, score, band, measures }));

describe("a row of a back-test", () => {
  it("knows nothing that was recorded after its cut", () => {
    fc.assert(
      fc.property(life, fc.constantFrom(...CUTS), (one, cut) => {
        const isKnown = ({ on, lag: late = 0 }: { readonly on: number; readonly lag?: number }) =>
          day(on + late) <= cut;
        const then: Life = {
          interactions: one.interactions.filter(isKnown),
          responses: one.responses.filter(isKnown),
          // One that is resolved later is still open.
          escalations: one.escalations
            .filter(isKnown)
            .map(({ on, open }) => ({ on, open: open !== null && day(on + open) > cut ? null : open })),
          deployments: one.deployments.filter(isKnown),
        };
        expect(said(rowsAt(one, question([cut])))).toEqual(said(rowsAt(then, question([cut]))));
      }),
    );
  });

  it("is the same whichever other cuts are looked at", () => {
    fc.assert(
      fc.property(life, fc.constantFrom("recorded", "happened"), (one, known_by) => {
        const together = rowsAt(one, question(CUTS, { known_by }));
        const alone = CUTS.flatMap((cut) => rowsAt(one, question([cut], { known_by })));
        expect(together).toEqual(alone);
      }),
    );
  });

  it("looks the same of who leaves later and of who stays: leaving tells nothing of before", () => {
    fc.assert(
      fc.property(life, fc.integer({ min: 215, max: 330 }), (one, left) => {
        const both = [undefined, day(left)].map((left_on) => said(rowsAt(one, question(CUTS), left_on)));
        expect(both[1]).toEqual(both[0]);
      }),
    );
  });

  it("has left, stayed or is none, by the day of leaving alone", () => {
    const nothing: Life = { interactions: [], responses: [], escalations: [], deployments: [] };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), (left) => {
        const left_on = day(left);
        for (const cut of CUTS) {
          const [row] = rowsAt(nothing, question([cut]), left_on);
          if (left_on <= cut) expect(row).toBeUndefined();
          else
            expect(row).toMatchObject({ left_on, left_within_horizon: left_on <= daysAfter(cut, HORIZON) });
        }
      }),
    );
  });

  it.each(["contacts", "constructor"])(
    "tells when what a measure goes by was recorded, also of one called %s",
    (key) => {
      const [contacts] = RECOMMENDED.measures.filter(({ source }) => source === "contacts");
      if (!contacts) throw new Error("Nothing goes by contacts");
      const meeting = { type: "meeting", sentiment: "neutral", on: 80, lag: 100 } as const;
      const met: Life = { interactions: [meeting], responses: [], escalations: [], deployments: [] };
      const definition = { ...RECOMMENDED, measures: [{ ...contacts, key }], caps: [], version: 0 };
      const rows = rowsAt(met, question(["2025-04-01"], { definition, known_by: "happened" }));
      expect(rows).toMatchObject([{ recorded_on: { [key]: day(180) } }]);
      const { leaks } = backtest(rows, { bands: [], weights: { [key]: 1 } });
      expect(leaks).toMatchObject([{ measure: key, kind: "recorded_after_cut" }]);
    },
  );

  it.each([
    ["before the first cut", 80, 5, 0],
    ["behind it", 80, 20, 1],
    ["behind two cuts", 80, 100, 1],
    ["between two cuts", 100, 20, 0],
    ["behind the second one", 100, 60, 1],
    ["on the day of a cut", 80, 10, 0],
    ["after the last cut", 220, 60, 0],
  ])("is told of what was recorded later where a cut lies in between: %s", (_, on, lag, late) => {
    const meeting = { type: "meeting", sentiment: "neutral", on, lag } as const;
    const met: Life = { interactions: [meeting], responses: [], escalations: [], deployments: [] };
    const asked = question(CUTS);
    const [subject] = subjectsOf([rowOf(met)], asked).subjects;
    if (!subject) throw new Error("Nobody takes part");
    expect(rowsOf(subject, historyOf(met), { ...known, question: asked }).late).toBe(late);
  });

  it("is compared with the definition that is in use then; none of a customer for whom the tested one is not", () => {
    const nothing: Life = { interactions: [], responses: [], escalations: [], deployments: [] };
    const asked = question(CUTS, { definition: { ...definitionOne(), version: 1 } });
    const [subject] = subjectsOf([rowOf(nothing)], asked).subjects;
    if (!subject) throw new Error("Nobody takes part");
    const { tested, in_use, versions } = rowsOf(subject, historyOf(nothing), { ...known, question: asked });
    expect([versions, in_use.map(({ score }) => score)]).toEqual([[1], tested.map(({ score }) => score)]);
    const none = question(CUTS, { segment: { products: ["GreenX"] } });
    expect(subjectsOf([rowOf(nothing)], none)).toEqual({ subjects: [], undated: 0 });
  });
});
