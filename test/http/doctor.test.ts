import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { emptyCloud } from "../support/servers.ts";

/** What it finds in an account of AWS: test/infra/doctor.test.ts. */
it("npm run doctor looks at the local cloud, and asks no service that has no stand-in here", async () => {
  const cloud = await emptyCloud();
  const child = spawn(process.execPath, ["infra/doctor.ts", "--stage", "local"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  await cloud.stop();
  expect(err).toBe("");
  expect(out.split("\n").map((line) => line.split(":")[0])).toEqual([
    "ok    settings",
    "ok    concurrency",
    "ok    table",
    "ok    followers",
    "Nothing stands in the way.",
    "",
  ]);
  expect(code).toBe(0);
});
