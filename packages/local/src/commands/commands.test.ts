import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { freePort } from "../processes/free-port.js";
import { listen } from "../processes/ports.ts";

let small: SmallAssembly;
let project: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  small = await writeSmallAssembly();
  project = await mkdtemp(join(tmpdir(), "small-project-"));
  const write = async (file: string, content: string) => {
    await mkdir(join(project, file, ".."), { recursive: true });
    await writeFile(join(project, file), content);
  };
  await write(
    "infra/app.ts",
    `require("node:fs").cpSync(${JSON.stringify(small.folder)}, "cdk.out", { recursive: true })`,
  );
  await write("functions/cli/seed.ts", `console.log("seeds", process.argv[2], process.env.TABLE_NAME)`);
  await write("events/now.json", `{"print":"at <aws.scheduler.scheduled-time>"}`);
  await write("events/bad.json", `{"throw":"no good"}`);
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await small.remove();
  await rm(project, { recursive: true, force: true });
});

function launch(command: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../${command}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, exit, out: text(child.stdout), err: text(child.stderr) };
}

async function run(command: string, ...args: string[]) {
  const { exit, out, err } = launch(command, ...args);
  return { code: await exit, out: await out, err: await err };
}

test("an unknown option shows the usage", async () => {
  expect(await run("start", "--colour")).toMatchObject({
    code: 2,
    err: expect.stringContaining("usage: npm start"),
  });
});

test("without a running cloud a command has no environment to run in", async () => {
  const { code, err } = await run("with-cloud", "true");
  expect([code, err]).toEqual([1, "no local cloud is running; start one with: npm start\n"]);
});

test("without a running cloud invoke starts one for its single call", async () => {
  const { code, out, err } = await run("invoke", "test/faulty", "events/now.json");
  expect(err).toMatch(/^at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
  expect([code, JSON.parse(out)]).toMatchObject([0, { name: "small-test-faulty" }]);
  const unknown = await run("invoke", "jobs/nothing", "events/now.json");
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("\n  small-test-faulty") });
  expect(existsSync(join(project, ".local", "cloud.json"))).toBe(false);
});

test("start runs the project, serves the other commands, and ends cleanly on Ctrl-C", async () => {
  const [port, inbox] = [await freePort(), await freePort()];
  const { child, exit, out } = launch("start", "--port", String(port), "--inbox-port", String(inbox));
  const lock = join(project, ".local", "cloud.json");
  await vi.waitFor(() => expect(readFileSync(lock, "utf8")).toContain("apiUrl"), { timeout: 90_000 });

  expect((await fetch(`http://127.0.0.1:${port}/echo/x`)).status).toBe(200);
  const inside = await run("with-cloud", process.execPath, "-p", "process.env.TABLE_NAME");
  expect(inside).toMatchObject({ code: 0, out: "small-data-Notes\n" });
  const failed = await run("invoke", "faulty", "events/bad.json");
  expect([failed.code, JSON.parse(failed.out)]).toMatchObject([1, { errorMessage: "no good" }]);
  const second = await run("start");
  expect(second).toMatchObject({ code: 1, err: expect.stringContaining("runs on") });

  child.kill("SIGINT");
  expect(await exit).toBe(0);
  const printed = await out;
  expect(printed).toMatch(
    /seeds --if-empty small-data-Notes.*API +http:\/\/localhost:\d+\n.*Ctrl-C stops.*\n/s,
  );
  expect(printed).toMatch(/^GET \/echo\/x 200 \d+ ms$/m);
  expect(printed).not.toContain("admin:create");
  // Each step is one line, with the seconds since the start.
  const steps = [...printed.matchAll(/^ +(\d+\.\d) s {2}(\w+)/gm)];
  expect(steps.map(([, , word]) => word)).toEqual(["The", "Starting", "Looking", "Ready"]);
  const seconds = steps.map(([, time]) => Number(time));
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  expect(existsSync(lock)).toBe(false);
});

test("without demo data it says how to make an admin; fresh data keep the database's program", async () => {
  const [port, inbox] = [await freePort(), await freePort()];
  const program = join(project, ".local", "bin", "dynoxide-0");
  const left = join(project, ".local", "left.json");
  await mkdir(join(program, ".."), { recursive: true });
  await writeFile(program, "");
  await writeFile(left, "");
  await mkdir(join(project, "functions/cli"), { recursive: true });
  await writeFile(join(project, "functions/cli/admin-create.ts"), "");
  const options = ["--port", String(port), "--inbox-port", String(inbox), "--no-seed", "--fresh"];
  const { child, exit, out } = launch("start", ...options);
  const lock = join(project, ".local", "cloud.json");
  await vi.waitFor(() => expect(readFileSync(lock, "utf8")).toContain("apiUrl"), { timeout: 90_000 });
  child.kill("SIGINT");
  expect(await exit).toBe(0);
  expect(await out).toMatch(/npm run admin:create -- --email you@example.com --name "Your Name"/);
  expect([existsSync(program), existsSync(left)]).toEqual([true, false]);
});

test.each([["--port"], ["--inbox-port"]])(
  "a port that %s names and that is taken is told before anything is done, with both ways out",
  async (option) => {
    const other = createServer();
    const port = await listen(other, 0);
    const free = option === "--port" ? "--inbox-port" : "--port";
    const { code, out, err } = await run(
      "start",
      option,
      String(port),
      free,
      String(await freePort()),
      "--fresh",
    );
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      new RegExp(
        `^port ${port} is in use: stop what listens there, or choose another with ${option}, as in ${option} \\d+\n$`,
      ),
    );
    other.close();
  },
);

test("API and inbox can't have the same port", async () => {
  const { code, err } = await run("start", "--port", "8111", "--inbox-port", "8111");
  expect([code, err]).toMatchObject([2, expect.stringContaining("can't both have port 8111")]);
});

test("the lock of a cloud that crashed does not stand in the way", async () => {
  await writeFile(join(project, ".local", "cloud.json"), JSON.stringify({ pid: 999_999_999 }));
  expect(await run("invoke", "faulty", "events/now.json")).toMatchObject({ code: 0 });
});
