import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import {
  alert,
  interaction,
  report,
  reportSchedule,
  score,
  survey,
  surveyLink,
  ticket,
} from "../../packages/domain/src/counters/fixture/items.ts";
import { created, source, type UncountedCloud, uncountedCloud } from "../support/uncounted-cloud.ts";

let cloud: UncountedCloud;
let domain: typeof import("@success-manager/domain/table") &
  typeof import("@success-manager/domain/counters/stream") &
  typeof import("../../packages/domain/src/counters/rebuild/rebuild.ts");
beforeAll(async () => {
  cloud = await uncountedCloud();
  domain = {
    ...(await import("@success-manager/domain/table")),
    ...(await import("@success-manager/domain/counters/stream")),
    ...(await import("../../packages/domain/src/counters/rebuild/rebuild.ts")),
  };
});
afterAll(() => cloud?.stop());
beforeEach(() => cloud.empty());

describe("a rebuild of the counters", () => {
  const settle = async () => undefined;
  const now = "2026-03-10T08:00:00.000Z";
  const customer_id = randomUUID();

  /** Some of everything that is counted, written as use cases do; answers the items. */
  async function writeSources(): Promise<Item[]> {
    await domain.CustomerEntity.put({
      id: customer_id,
      company_name: "Northwind",
      deployed_products: [],
      status: "churned",
      portal_enabled: false,
      created_at: now,
      updated_at: now,
      changed_at: now,
      revision: 1,
    }).go();
    const sources = [
      ...["Sara Khan", "Omar Ali", "Omar Ali"].map((performed_by) => interaction({ performed_by })),
      survey({ feedback_text: "Great", product: "MonetX" }),
      surveyLink(),
      alert(),
      ticket(),
      report(),
      reportSchedule(),
    ].map(source);
    const scored = { ...score({ customer_id }), pk: `scores#${customer_id}`, sk: now };
    for (const item of [...sources, scored]) await cloud.put(item);
    return [...sources, scored];
  }

  it("counts a table that was never counted, and finds nothing to do afterwards", async () => {
    const items = await writeSources();
    expect(items).toHaveLength(10);
    const looked = await domain.rebuild({ write: false, settle });
    expect(looked).toMatchObject({ items: 10, repaired: 0, moving: [], given_up: [], unreadable: [] });
    // And when the customer was last spoken with, and the newest feedback.
    expect(looked.drifts).toHaveLength(cloud.countersOf(items).length + 2);
    expect(await cloud.counters()).toEqual([]);

    const written = await domain.rebuild({ write: true, settle });
    expect(written.repaired).toBe(looked.drifts.length);
    expect(await cloud.counters()).toEqual(cloud.countersOf(items));
    expect(await domain.rebuild({ write: true, settle })).toMatchObject({ drifts: [], repaired: 0 });
  });

  it("says which counters have drifted, and sets these right", async () => {
    const items = await writeSources();
    await domain.applyChanges(items.map(created));
    expect(await domain.rebuild({ write: false, settle })).toMatchObject({ drifts: [] });
    await cloud.put({
      pk: "rollup#alert",
      sk: "day#all",
      revision: 7,
      "c:health_drop|high|0": 5,
      "c:old|low|0": 2,
    });
    await cloud.put({ pk: "rollup#survey", sk: "day#2020-01-01", revision: 1, "c:nps|9": 1 });
    const expected = [
      { series: "alert", period: "day#all", counter: "health_drop|high|0", stored: 5, counted: 1 },
      { series: "alert", period: "day#all", counter: "old|low|0", stored: 2, counted: 0 },
      { series: "survey", period: "day#2020-01-01", counter: "nps|9", stored: 1, counted: 0 },
    ];
    const { drifts, repaired } = await domain.rebuild({ write: true, settle });
    expect(drifts.toSorted((a, b) => (a.counter > b.counter ? 1 : -1))).toEqual(
      expected.toSorted((a, b) => (a.counter > b.counter ? 1 : -1)),
    );
    expect(repaired).toBe(3);
    expect(await cloud.counters()).toEqual(cloud.countersOf(items));
  });

  it("says what else follows from the stream and has drifted, and sets that right", async () => {
    const items = await writeSources();
    await domain.applyChanges(items.map(created));
    const { LastInteractionEntity, RecentFeedbackEntity, find, getRequest } = domain;
    const stored = async () => ({
      last: (await find(getRequest(LastInteractionEntity, "c1")))?.dates,
      feedback: (await cloud.storage.items("rollup#survey")).find(({ sk }) => sk === "recent#MonetX"),
    });
    const right = await stored();
    expect(right).toMatchObject({
      last: ["2026-03-10T09:00:00.000Z"],
      feedback: { responses: [{ comment: "Great", survey_type: "nps", score: 9, customer_id: "c1" }] },
    });
    await LastInteractionEntity.patch({ customer_id: "c1" })
      .set({ dates: ["2025-01-01T09:00:00.000Z"] })
      .add({ revision: 1 })
      .go();
    await RecentFeedbackEntity.patch({ product: "MonetX" }).set({ responses: [] }).add({ revision: 1 }).go();
    const expected = [
      {
        series: "customer#c1",
        period: "last_contact",
        counter: "2025-01-01T09:00:00.000Z",
        stored: 1,
        counted: 0,
      },
      {
        series: "customer#c1",
        period: "last_contact",
        counter: "2026-03-10T09:00:00.000Z",
        stored: 0,
        counted: 1,
      },
      { series: "survey", period: "recent#MonetX", stored: 0, counted: 1 },
    ];
    expect((await domain.rebuild({ write: false, settle })).drifts).toMatchObject(expected);
    expect(await domain.rebuild({ write: true, settle })).toMatchObject({ drifts: expected, repaired: 3 });
    const { last, feedback } = await stored();
    expect({ last, feedback: feedback?.responses }).toEqual({
      last: right.last,
      feedback: right.feedback?.responses,
    });
    expect(await domain.rebuild({ write: false, settle })).toMatchObject({ drifts: [], moving: [] });
  });

  it("loses nothing that is counted while it runs", async () => {
    await writeSources();
    await cloud.put({ pk: "rollup#interaction", sk: "day#all", revision: 1, "c:call|neutral|1": 40 });
    await cloud.put({ pk: "rollup#survey", sk: "day#all", revision: 1, "c:nps|9": 40 });
    let running = true;
    /** A write, until the stream has followed it. */
    let written = Promise.resolve();
    const write = async () => {
      const item = source(interaction({ customer_id }));
      await cloud.put(item);
      await pause(Math.random() * 40);
      await domain.applyChanges([created(item)]);
    };
    const busy = (async () => {
      while (running) {
        written = write();
        await written;
        // Rests of any length, so that some rounds of the rebuild see the counters stand still, and some do not.
        await pause(Math.random() * 500);
      }
    })();
    const { moving } = await domain.rebuild({ write: true, settle: () => written });
    running = false;
    await busy;
    const { drifts } = await domain.rebuild({ write: false, settle });
    // What could not be judged may be wrong still; nothing else is.
    expect(drifts.filter(({ series, period }) => !moving.includes(`${series} ${period}`))).toEqual([]);
    await domain.rebuild({ write: true, settle });
    const all = await cloud.storage.items("");
    expect(await cloud.counters()).toEqual(cloud.countersOf(all.filter((item) => "__edb_e__" in item)));
  });

  it("takes no write that the stream has yet to count for drift", async () => {
    const late = source(interaction());
    let waits = 0;
    const { drifts, moving } = await domain.rebuild({
      write: true,
      settle: async () => {
        waits += 1;
        // Before the recount and behind it: the item is there, its record comes while the recount is done.
        if (waits === 1) await cloud.put(late);
        if (waits === 2) await domain.applyChanges([created(late)]);
      },
    });
    expect({ drifts, moving }).toEqual({ drifts: [], moving: [] });
    expect(await cloud.counters()).toEqual(cloud.countersOf([late]));
  });

  it("sets nothing right that has changed since it was compared", async () => {
    const now = { pk: "rollup#alert", sk: "day#all", revision: 8, "c:health_drop|high|0": 6 };
    await cloud.put(now);
    const compared = {
      series: "alert",
      period: "day#all",
      counters: new Map([["a", 1]]),
      drifts: [],
    } as const;
    for (const revision of [0, 7]) expect(await domain.repair({ ...compared, revision })).toBe(false);
    expect(await cloud.storage.items("rollup#")).toEqual([now]);
    expect(await domain.repair({ ...compared, revision: 8 })).toBe(true);
    expect(await cloud.storage.items("rollup#")).toEqual([
      expect.objectContaining({ pk: "rollup#alert", sk: "day#all", revision: 9, "c:a": 1 }),
    ]);
  });

  it("counts for customers whom the directory does not know", async () => {
    const items = await writeSources();
    await cloud.storage.remove("customer#");
    await domain.rebuild({ write: true, settle });
    await cloud.put({ pk: "rollup#customer#c1", sk: "day#all", revision: 9, "c:survey|nps|9": 3 });
    expect(await domain.rebuild({ write: true, settle })).toMatchObject({ repaired: 5, moving: [] });
    expect(await domain.rebuild({ write: false, settle })).toMatchObject({ drifts: [], moving: [] });
    const unscored = items.filter(({ __edb_e__ }) => __edb_e__ !== "score");
    expect(await cloud.counters()).toEqual(expect.arrayContaining(cloud.countersOf(unscored)));
  });

  it("sets totals right that a directory has at hand", async () => {
    const { createDirectory } = await import("../../packages/domain/src/directory/directory.ts");
    const { shardedFeed } = await import("../../packages/domain/src/directory/sync.ts");
    const copy = createDirectory(shardedFeed("directory"));
    await writeSources();
    await copy.refresh();
    expect(copy.totals("interaction")).toEqual({});
    await domain.rebuild({ write: true, settle });
    await copy.refresh();
    expect(copy.totals("interaction")).toEqual({ "meeting|positive|0": 3 });
    expect(copy.totals("survey")).toEqual({ "nps|9": 1 });
    expect(copy.totals("follow_up")).toEqual({});
  });

  it("names items that can't be counted", async () => {
    const broken = source(survey({ score: "nine" }));
    await cloud.put(broken);
    expect(await domain.rebuild({ write: true, settle })).toMatchObject({
      drifts: [],
      unreadable: [`${broken.pk} survey`],
    });
  });

  it("finds rows that a snapshot shows otherwise, unless the stream has told of them, and takes a new one", async () => {
    const { takeListSnapshot } = await import("@success-manager/domain/lists");
    const { checkCopies } = await import("@success-manager/domain/lists/rebuild");
    const { changeLines } = await import("@success-manager/domain/lists/stream");
    const { commitAll } = await import("@success-manager/domain/table");
    const rows = ["Sara", "Omar", "Ada", "Eva"].map((performed_by) => source(interaction({ performed_by })));
    for (const row of rows) await cloud.put(row);
    expect(await takeListSnapshot("interaction")).toMatchObject({ rows: 0 });
    expect(await takeListSnapshot("interaction", new Date(), { force: true })).toMatchObject({ rows: 4 });
    const wrongOf = async (write = false) => {
      const checked = await checkCopies({ write, settle });
      expect(checked.filter(({ wrong }) => wrong.length > 0).map(({ entity }) => entity)).toEqual(
        checked.some(({ wrong }) => wrong.length > 0) ? ["interaction"] : [],
      );
      return checked.flatMap(({ wrong }) => [...wrong]).sort();
    };
    expect(await wrongOf()).toEqual([]);

    const [changed, deleted, kept] = rows;
    const after = { ...changed, sentiment: "negative" };
    await cloud.put(after);
    await cloud.storage.remove(String(deleted?.pk));
    const late = source(interaction());
    await cloud.put(late);
    const wrong = [changed?.id, deleted?.id, late.id].map(String).sort();
    expect(await wrongOf()).toEqual(wrong);
    expect(wrong).not.toContain(kept?.id);
    await commitAll(changeLines([{ before: undefined, after: late }]));
    expect(await wrongOf()).toEqual([changed?.id, deleted?.id].map(String).sort());
    // A later minute: of two snapshots, the one counts that was read later.
    await wrongOf(true);
    expect(await wrongOf()).toEqual([]);
  });
});
