import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder = "";

beforeEach(async () => {
  vi.resetModules();
  folder = await mkdtemp(join(tmpdir(), "fonts-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const read = async () => (await import("./font-files.ts")).loadFontFiles();

test("font files are read from a function's bundle", async () => {
  await mkdir(join(folder, "fonts"));
  await writeFile(join(folder, "fonts", "DejaVuSans.ttf"), "regular");
  await writeFile(join(folder, "fonts", "DejaVuSans-Bold.ttf"), "bold");
  vi.stubEnv("LAMBDA_TASK_ROOT", folder);
  const { regular, bold } = await read();
  expect([Buffer.from(regular).toString(), Buffer.from(bold).toString()]).toEqual(["regular", "bold"]);
});

test("font files are read from their package where there is no bundle", async () => {
  for (const root of [folder, undefined]) {
    vi.resetModules();
    vi.stubEnv("LAMBDA_TASK_ROOT", root);
    const { regular, bold } = await read();
    expect(regular.length).toBeGreaterThan(500_000);
    expect(bold.length).toBeGreaterThan(500_000);
  }
});

test("font files are read once", async () => {
  const { loadFontFiles } = await import("./font-files.ts");
  expect(loadFontFiles()).toBe(loadFontFiles());
});
