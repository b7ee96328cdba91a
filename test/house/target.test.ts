import { afterEach, expect, test, vi } from "vitest";
import { enterStage } from "../../functions/cli/target.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["its own, where its file names one", "eu-central-1", "us-west-2", "eu-central-1"],
  ["the shell's, where it doesn't", undefined, "us-west-2", "us-west-2"],
])("a command works in the region of its stage: %s", (_, own, shell, used) => {
  vi.stubEnv("AWS_REGION", shell);
  enterStage("prod", (stage, name) => (stage === "prod" && name === "region" ? own : undefined));
  expect(process.env.AWS_REGION).toBe(used);
});

test.each(["No Stage", "prod-2", "", "x".repeat(21)])("%j is no stage", (stage) => {
  expect(() => enterStage(stage)).toThrow("--stage takes the name of a stage");
});
