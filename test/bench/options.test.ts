import { expect, test } from "vitest";
import { optionsOf } from "./options.ts";

/** Options, when none asks for help. */
function chosen(...args: string[]) {
  const options = optionsOf(args);
  if (options === "help") throw new Error("This was no call for help");
  return options;
}

test("without options everything but costs is measured at 100 and 10 000 customers", () => {
  const { sizes, rounds, history, wants, compare } = chosen();
  expect({ sizes, rounds, history, compare }).toEqual({
    sizes: [100, 10_000],
    rounds: 100,
    history: "full",
    compare: undefined,
  });
  expect([wants("cold"), wants("reports"), wants("bundles")]).toEqual([true, true, true]);
  expect([wants("costs"), chosen("--only", "costs").wants("costs")]).toEqual([false, true]);
});

test("parts and calls can be chosen", () => {
  const { wants, calls } = chosen("--only", "calls,lag", "--calls", "/auth/me");
  expect([wants("calls"), wants("reports"), wants("cold", "lag")]).toEqual([true, false, true]);
  expect(Object.keys(calls)).toEqual(["/auth/me"]);
  expect(Object.keys(chosen("--calls", "/auth/me,/users").calls)).toEqual(["/auth/me", "/users"]);
});

test("help is told from everything else", () => {
  expect(optionsOf(["--help", "--sizes", "5"])).toBe("help");
});

test.each([
  [["--sizes", "100,many"], "many is no number from 1 on"],
  [["--rounds", "0"], "0 is no number from 1 on"],
  [["--only", "calls,speed"], "there is no part speed"],
  [["--calls", "/nothing"], "there is no call whose name contains /nothing"],
  [["--history", "long"], "there is no history long"],
  [["--to", "after.json"], "--to says what --compare compares with"],
  [["--size", "5"], "Unknown option '--size'"],
])("%s makes no sense", (args, why) => {
  expect(() => optionsOf(args)).toThrow(why);
});
