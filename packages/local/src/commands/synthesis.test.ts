import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { synthesize } from "./synthesis.ts";

let project: string;
const write = async (file: string, content: string) => {
  await mkdir(dirname(join(project, file)), { recursive: true });
  await writeFile(join(project, file), content);
};

/** Writes what it was told by a file, and by variables. */
const APP = `
  import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
  for (const folder of ["cdk.out", ".build/functions"]) mkdirSync(folder, { recursive: true });
  writeFileSync("cdk.out/manifest.json", readFileSync("packages/domain/src/index.ts"));
  writeFileSync(".build/functions/index.mjs", JSON.stringify(process.env));
`;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "synthesis-"));
  await write("infra/app.ts", APP);
  await write("infra/pictures/logo.svg", "<svg/>\n");
  await write("functions/api/notes.ts", "1\n");
  await write("packages/domain/src/index.ts", "1\n");
  await write("packages/domain/package.json", "{}\n");
  await write("package.json", "{}\n");
  await write("package-lock.json", "{}\n");
  await write("cdk.json", "{}\n");
  await write("tsconfig.json", "{}\n");
  await write("node_modules/.package-lock.json", "{}\n");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(project, { recursive: true, force: true });
});

/** Whether the app ran. */
const run = () => synthesize(project);

test("nothing is synthesized again when nothing has changed", async () => {
  const lines: string[] = [];
  expect(await synthesize(project, (line) => lines.push(line))).toBe(true);
  expect(await synthesize(project, (line) => lines.push(line))).toBe(false);
  expect(lines).toEqual([
    "Synthesizing the CDK app …",
    "The CDK app is synthesized: nothing has changed since",
  ]);
  expect(await readFile(join(project, "cdk.out/manifest.json"), "utf8")).toBe("1\n");
});

test.each([
  "infra/app.ts",
  "infra/pictures/logo.svg",
  "functions/api/notes.ts",
  "packages/domain/src/index.ts",
  "packages/domain/package.json",
  "package.json",
  "package-lock.json",
  "cdk.json",
  "tsconfig.json",
  "node_modules/.package-lock.json",
])("an edit of %s counts, also one that leaves its size and its time as they were", async (file) => {
  await run();
  const content = await readFile(join(project, file), "utf8");
  const past = new Date(0);
  await utimes(join(project, file), past, past);
  expect(await run()).toBe(false);
  await write(file, content.replace(/\n$/, " "));
  await utimes(join(project, file), past, past);
  expect(await run()).toBe(true);
  expect(await run()).toBe(false);
});

test("a file more counts, one less, and one that is called otherwise", async () => {
  await run();
  await write("packages/domain/src/more.ts", "");
  expect(await run()).toBe(true);
  await rm(join(project, "packages/domain/src/more.ts"));
  expect(await run()).toBe(true);
  await rm(join(project, "functions/api/notes.ts"));
  await write("functions/api/note.ts", "1");
  expect(await run()).toBe(true);
  expect(await run()).toBe(false);
});

test("a variable that the app reads counts; it does not see others, which may change as they like", async () => {
  await run();
  vi.stubEnv("BACKEND_CORS_ORIGINS", "https://app.example.com");
  expect(await run()).toBe(true);
  vi.stubEnv("CDK_CONTEXT_JSON", "{}");
  expect(await run()).toBe(true);
  vi.stubEnv("SOME_OTHER", "seen");
  expect(await run()).toBe(false);
  await write("functions/api/notes.ts", "2");
  await run();
  const seen = JSON.parse(await readFile(join(project, ".build/functions/index.mjs"), "utf8"));
  expect(seen).toMatchObject({ BACKEND_CORS_ORIGINS: "https://app.example.com", CDK_CONTEXT_JSON: "{}" });
  expect(seen).not.toHaveProperty("SOME_OTHER");
});

test.each(["cdk.out/manifest.json", ".build/functions/index.mjs"])(
  "what somebody else has left in %s, as a deployment does, is not taken for ours",
  async (file) => {
    await run();
    await appendFile(join(project, file), " ");
    expect(await run()).toBe(true);
    await rm(join(project, file));
    expect(await run()).toBe(true);
    expect(await run()).toBe(false);
  },
);

test("what is edited while the app runs comes with the next run", async () => {
  await write("infra/app.ts", `${APP}writeFileSync("packages/domain/src/index.ts", "2");`);
  expect(await run()).toBe(true);
  expect(await run()).toBe(true);
  expect(await readFile(join(project, "cdk.out/manifest.json"), "utf8")).toBe("2");
  expect(await run()).toBe(false);
});

test("an app that fails says why, each time", async () => {
  await write("infra/app.ts", `throw new Error("no such stage")`);
  await expect(run()).rejects.toThrow(/infra\/app.ts failed \(exit 1\):.*no such stage/s);
  await expect(run()).rejects.toThrow(/no such stage/);
});

test("papers, tests and logs are no sources", async () => {
  await run();
  await write("docs/architecture.md", "");
  await write("test/http/notes.test.ts", "");
  await write("start.log", "");
  expect(await run()).toBe(false);
});
