import { expect, test } from "vitest";
import type { Lock } from "../database.ts";
import { continued } from "./continued.ts";

const RUN = "2026-03-01T00:00:00.000Z";

/** Looks at a lock that changes with every look; the last state stays. */
function changing(...states: Partial<Lock>[]) {
  let looks = 0;
  return async (): Promise<Lock> => {
    const state = states[Math.min(looks, states.length - 1)];
    looks += 1;
    return { run_id: RUN, state: "running", counts: {}, ...state };
  };
}

test("each invocation that holds the lock is one, however long it does", async () => {
  const lock = changing({ holder: "a" }, { holder: "a" }, {}, { holder: "b" }, {}, { state: "completed" });
  expect(await continued(lock, RUN)).toBe(2);
});

test("the end of an earlier run is not this one's", async () => {
  const earlier = { run_id: "2026-02-28T00:00:00.000Z", state: "completed" };
  expect(await continued(changing(earlier, { holder: "a" }, { state: "completed" }), RUN)).toBe(1);
});

test("a run that fails is an error", async () => {
  await expect(continued(changing({ holder: "a" }, { state: "failed" }), RUN)).rejects.toThrow("has failed");
});
