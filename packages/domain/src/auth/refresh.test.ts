import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeRefresh } from "./api.ts";

const GRACE = 30_000;

/** Some tokens are presented, each some time after the one before: the newest, or one of those before it. */
const history = fc.array(
  fc.record({ pause: fc.integer({ min: 0, max: 20_000 }), back: fc.constantFrom(0, 0, 0, 1, 2, 5, 30) }),
  { maxLength: 80 },
);

test("a former token gives the newest for 30 seconds after its own exchange and is a replay from then on", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const exchanged: number[] = [];
      let session: Parameters<typeof judgeRefresh>[0] = { refresh_id: "0" };
      let now = 1_700_000_000_000;
      for (const { pause, back } of steps) {
        now += pause;
        const presented = Math.max(0, exchanged.length - back);
        const { verdict, ...rest } = judgeRefresh(session, String(presented), now);
        const exchangedAt = exchanged[presented];
        if (exchangedAt !== undefined) expect(verdict).toBe(now - exchangedAt < GRACE ? "repeat" : "replay");
        else if (verdict === "rotate" && "former" in rest) {
          exchanged.push(now);
          session = { refresh_id: String(exchanged.length), former_refresh_ids: rest.former };
          expect(rest.former.length).toBeLessThanOrEqual(20);
        } else {
          expect(verdict).toBe("repeat");
          expect(session.former_refresh_ids).toHaveLength(20);
        }
      }
    }),
  );
});

test("a token that was never given is a replay", () => {
  expect(judgeRefresh({ refresh_id: "a" }, "b", 0)).toEqual({ verdict: "replay" });
});
