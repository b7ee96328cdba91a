import { SECTIONS } from "@success-manager/contract/settings";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { customerItem } from "../../directory/fixture/items.ts";
import type { AlertState } from "../../table/index.ts";
import { after } from "../fixture/states.ts";
import type { Scores } from "./health.ts";
import { detectHealthDrops, reconcileHealthAlerts } from "./health.ts";

const settings = SECTIONS.alerts.defaults;
const customer = customerItem("c1", 1);
const scores = (changes: Partial<Scores> = {}): Scores => ({
  overall_score: 80,
  adoption_score: 80,
  engagement_score: 80,
  support_score: 80,
  financial_score: 80,
  ...changes,
});
const engagement = (engagement_score: number) => scores({ engagement_score });

/** Scores one after the other; the conditions that stand after each, and what each did. */
function lived(all: readonly Scores[], start: readonly AlertState[] = []) {
  let states = [...start];
  return all.map((score, n) => {
    const actions = reconcileHealthAlerts({ customer, score, previous: all[n - 1], states, settings });
    states = after(states, actions);
    return { states, did: actions.map(({ kind }) => kind).join(" ") };
  });
}
const open = (states: readonly AlertState[] = []) =>
  states.filter(({ state }) => state === "open").map(({ condition, severity }) => `${condition} ${severity}`);

describe("the overall score", () => {
  it.each([
    [100, []],
    [60, []],
    [59, ["health#overall high"]],
    [40, ["health#overall high"]],
    [39, ["health#overall critical"]],
    [0, ["health#overall critical"]],
  ])("of %i means %j", (overall_score, expected) => {
    expect(open(lived([scores({ overall_score })])[0]?.states)).toEqual(expected);
  });

  it("says what it is, whose, and that it is urgent", () => {
    const [action] = reconcileHealthAlerts({
      customer,
      score: scores({ overall_score: 31 }),
      previous: undefined,
      states: [],
      settings,
    });
    expect(action).toMatchObject({
      kind: "open",
      detection: {
        customer_id: "c1",
        alert_type: "health_drop",
        title: "Health score is critical",
        description:
          "The health score of Company c1 is 31 of 100: the risk is critical. Talk to them now, before they leave.",
      },
    });
  });

  it("opens one alert, which follows it and ends at 60", () => {
    const all = [55, 55, 30, 59, 60, 61].map((overall_score) => scores({ overall_score }));
    expect(lived(all).map(({ did }) => did)).toEqual(["open", "", "update", "update", "resolve", ""]);
  });

  it("that a person has dealt with comes back when it is worse", () => {
    const all = [55, 52, 39].map((overall_score) => scores({ overall_score }));
    const [first] = lived(all.slice(0, 1));
    const acknowledged = (first?.states ?? []).map((one) => ({ ...one, state: "acknowledged" as const }));
    expect(lived(all, acknowledged).map(({ did }) => did)).toEqual(["", "", "open"]);
  });

  it("of somebody who left means nothing, and ends what stands", () => {
    const [first] = lived([scores({ overall_score: 10 })]);
    const gone = { ...customer, status: "churned" as const };
    const left = { customer: gone, score: scores({ overall_score: 10 }), previous: scores(), settings };
    expect(reconcileHealthAlerts({ ...left, states: [] })).toEqual([]);
    expect(reconcileHealthAlerts({ ...left, states: first?.states ?? [] }).map(({ kind }) => kind)).toEqual([
      "resolve",
    ]);
  });
});

describe("a component", () => {
  it("that the score does not go by opens nothing when it falls, and ends what stands", () => {
    const [before, score] = [scores({ financial_score: 100 }), scores({ financial_score: 50 })];
    const fallen = lived([before, score]).at(-1)?.states ?? [];
    expect(open(fallen)).toEqual(["health#financial medium"]);
    const counting = new Set(["adoption", "engagement", "support"] as const);
    const by = { customer, score, previous: before, settings, counting };
    expect(reconcileHealthAlerts({ ...by, states: [] })).toEqual([]);
    expect(reconcileHealthAlerts({ ...by, states: fallen }).map(({ kind }) => kind)).toEqual(["resolve"]);
  });

  it.each([
    [80, 66, []],
    [80, 65, ["health#engagement medium"]],
    [100, 0, ["health#engagement medium"]],
    [15, 0, ["health#engagement medium"]],
    [14, 0, []],
    [0, 100, []],
  ])("that goes from %i to %i means %j", (from, to, expected) => {
    expect(open(lived([engagement(from), engagement(to)])[1]?.states)).toEqual(expected);
  });

  it("that was never scored before did not fall", () => {
    expect(lived([engagement(0)])[0]?.did).toBe("");
  });

  it("that fell stays fallen until it is back, less what counts as a fall", () => {
    const all = [80, 50, 50, 55, 65, 66, 66].map(engagement);
    expect(lived(all).map(({ did }) => did)).toEqual(["", "open", "", "", "update", "resolve", ""]);
  });

  it("that came back is measured anew", () => {
    const steps = lived([80, 50, 66, 60, 45].map(engagement));
    expect(steps.map(({ did }) => did)).toEqual(["", "open", "resolve", "", "open"]);
    expect(steps[4]?.states).toMatchObject([{ state: "open", reference: 60 }]);
  });

  it("that falls again tells of it, and is measured by what it was at first", () => {
    const steps = lived([100, 80, 60, 80, 85, 86].map(engagement));
    expect(steps.map(({ did }) => did)).toEqual(["", "open", "update", "update", "", "resolve"]);
    expect(steps[2]?.states).toMatchObject([
      { reference: 100, description: "The engagement score of Company c1 fell from 100 to 60." },
    ]);
  });

  it("whose fall a person has dealt with is told of again only when it falls again", () => {
    const fallen = lived([engagement(100), engagement(80)])[1]?.states ?? [];
    const acknowledged = fallen.map((one) => ({ ...one, state: "acknowledged" as const }));
    const steps = lived([80, 80, 84, 60].map(engagement), acknowledged);
    expect(steps.map(({ did }) => did)).toEqual(["", "", "", "open"]);
    expect(steps[3]?.states).toMatchObject([{ state: "open", reference: 100 }]);
  });

  it("is an alert of its own beside the others", () => {
    const low = scores({ overall_score: 45, adoption_score: 0, support_score: 60 });
    expect(open(lived([scores(), low])[1]?.states).sort()).toEqual([
      "health#adoption medium",
      "health#overall high",
      "health#support medium",
    ]);
  });
});

describe("whatever is scored", () => {
  const value = fc.nat(100);
  const any = fc.record({
    overall_score: value,
    adoption_score: value,
    engagement_score: value,
    support_score: value,
    financial_score: value,
  });

  it("the same score again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (all) => {
        const [last = scores()] = all.slice(-1);
        expect(lived([...all, last]).at(-1)?.did).toBe("");
      }),
    );
  });

  it("a sound score leaves nothing open", () => {
    const best = scores({
      overall_score: 100,
      adoption_score: 100,
      engagement_score: 100,
      support_score: 100,
      financial_score: 100,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (all) => {
        expect(open(lived([...all, best]).at(-1)?.states)).toEqual([]);
      }),
    );
  });

  it("alerts about other things are left alone", () => {
    const contract = after(
      [],
      [
        {
          kind: "open",
          before: undefined,
          detection: {
            customer_id: "c1",
            condition: "contract",
            alert_type: "contract_expiry",
            severity: "low",
            title: "t",
            description: "d",
          },
        },
      ],
    );
    expect(lived([scores()], contract)[0]).toEqual({ states: contract, did: "" });
  });
});

describe("by what an admin has set,", () => {
  const detected = (score: Scores, previous: Scores | undefined, set: Partial<typeof settings>) =>
    detectHealthDrops({ customer, score, previous, states: [], settings: { ...settings, ...set } });

  it.each([
    [75, undefined, undefined],
    [74, "high", "is 74 of 100: the risk is medium."],
    [50, "high", "is 50 of 100: the risk is high."],
    [49, "critical", "is 49 of 100: the risk is high. Talk to them now, before they leave."],
    [0, "critical", "is 0 of 100: the risk is critical. Talk to them now, before they leave."],
  ])("an overall score of %i is %s", (overall_score, severity, sentence) => {
    const set = { health_score_threshold: 75, health_score_critical_threshold: 50 };
    const [detection] = detected(scores({ overall_score }), undefined, set);
    expect(detection?.severity).toBe(severity);
    if (sentence) expect(detection?.description).toContain(sentence);
  });

  it("no overall score is low where the threshold is 0", () => {
    const never = { health_score_threshold: 0, health_score_critical_threshold: 0 };
    expect(detected(scores({ overall_score: 0 }), undefined, never)).toEqual([]);
  });

  it.each([
    [71, []],
    [70, ["health#engagement"]],
  ])("a component that fell from 80 to %i means %j", (points, conditions) => {
    const fallen = detected(engagement(points), engagement(80), { health_drop_points: 10 });
    expect(fallen.map(({ condition }) => condition)).toEqual(conditions);
  });
});
