import { Activity } from "@success-manager/contract/dashboard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Happening, newestOf } from "./happening.ts";

const TYPES = Activity.shape.activity_type.options;

const happening = (activity_type: Happening["activity_type"], timestamp: string, id: string): Happening => ({
  id,
  activity_type,
  title: id,
  description: null,
  customer_id: null,
  customer_name: null,
  timestamp,
  metadata: null,
});

/** Few instants, so that many things happen at once. */
const source = (type: Happening["activity_type"]) =>
  fc
    .uniqueArray(fc.record({ hour: fc.nat({ max: 5 }), id: fc.nat({ max: 30 }) }), {
      selector: ({ id }) => id,
      maxLength: 12,
    })
    .map((all) =>
      all
        .map(({ hour, id }) =>
          happening(type, `2026-03-10T0${hour}:00:00.000Z`, `${type} ${String(id).padStart(2, "0")}`),
        )
        .sort((a, b) => (`${a.timestamp}#${a.id}` < `${b.timestamp}#${b.id}` ? 1 : -1)),
    );
const sources = fc.tuple(...TYPES.map(source));

const titles = (activities: readonly Activity[]) => activities.map(({ title }) => title);

describe("what several sources tell", () => {
  it("is shown newest first, each once", () => {
    fc.assert(
      fc.property(sources, (sources) => {
        const shown = newestOf(sources, 1_000);
        expect(titles(shown).toSorted()).toEqual(titles(sources.flat()).toSorted());
        const times = shown.map(({ timestamp }) => timestamp);
        expect(times).toEqual(times.toSorted().reverse());
      }),
    );
  });

  it("begins the same, however much of it is asked for and in whatever order it comes", () => {
    fc.assert(
      fc.property(sources, fc.nat({ max: 30 }), (sources, limit) => {
        const first = sources.map((happenings) => happenings.slice(0, limit));
        const all = titles(newestOf(sources, 1_000));
        expect(titles(newestOf(first, limit))).toEqual(all.slice(0, limit));
        expect(titles(newestOf(first.toReversed(), limit))).toEqual(all.slice(0, limit));
      }),
    );
  });

  it("says nothing of ids that nobody asked for", () => {
    const [shown] = newestOf([[happening("csat", "2026-03-10T00:00:00.000Z", "1")]], 1);
    expect(shown).not.toHaveProperty("id");
  });
});
