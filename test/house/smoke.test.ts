import { groups } from "@success-manager/contract";
import { expect, test } from "vitest";
import { steps } from "../../functions/cli/smoke-steps.ts";

/** Steps that every walk has; the others depend on options. */
const always = steps.filter(({ when }) => when === undefined).map(({ group }) => group);

test("npm run smoke walks every group of the contract", () => {
  expect(groups.map(({ name }) => name).filter((name) => !always.includes(name))).toEqual([]);
});

test("npm run smoke walks no group that is gone", () => {
  const names = groups.map<string>(({ name }) => name);
  expect(steps.map(({ group }) => group).filter((group) => !names.includes(group))).toEqual([]);
});
