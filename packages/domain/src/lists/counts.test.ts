import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countsFrom, partsMatch } from "./counts.ts";

const kinds = {
  interaction_type: fc.constantFrom(...InteractionType.options),
  sentiment: fc.constantFrom(...Sentiment.options),
  follow_up_required: fc.boolean(),
};
const contact = fc.record(kinds);
const asked = fc.record(kinds, { requiredKeys: [] });

describe("what a customer's counters know", () => {
  it("is how many rows there are of a kind, and how much happened in all", () => {
    fc.assert(
      fc.property(fc.array(contact), asked, fc.nat(9), (contacts, filter, surveys) => {
        const counters: Record<string, number> = { "survey|nps|9": surveys };
        for (const { interaction_type, sentiment, follow_up_required } of contacts) {
          const name = `interaction|${interaction_type}|${sentiment}|${follow_up_required ? 1 : 0}`;
          counters[name] = (counters[name] ?? 0) + 1;
        }
        const wanted = contacts.filter(
          (one) =>
            (filter.interaction_type ?? one.interaction_type) === one.interaction_type &&
            (filter.sentiment ?? one.sentiment) === one.sentiment &&
            (filter.follow_up_required ?? one.follow_up_required) === one.follow_up_required,
        );
        const matches = partsMatch(filter.interaction_type, filter.sentiment, filter.follow_up_required);
        expect(countsFrom([counters], matches, "interaction")).toEqual({
          total: wanted.length,
          entries: contacts.length + surveys,
        });
      }),
    );
  });

  it("is nothing before something is counted", () => {
    expect(countsFrom([undefined], partsMatch(), "alert")).toEqual({ total: 0, entries: 0 });
  });
});
