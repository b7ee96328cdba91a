import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fontPath, subsetterPath, TYPEFACES } from "./font-files.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fonts-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("a font file stands in a function's bundle", async () => {
  await mkdir(join(folder, "fonts"));
  await writeFile(join(folder, "fonts", "DejaVuSans-Bold.ttf"), "bold");
  await writeFile(join(folder, "harfbuzz-subset.wasm"), "code");
  vi.stubEnv("LAMBDA_TASK_ROOT", folder);
  expect(fontPath("bold")).toBe(join(folder, "fonts", "DejaVuSans-Bold.ttf"));
  expect(subsetterPath()).toBe(join(folder, "harfbuzz-subset.wasm"));
});

// A TrueType file begins with its version (OpenType 1.9, "Table directory").
test.each(TYPEFACES)("and in its package where there is no bundle, as TrueType: %s", async (name) => {
  for (const root of [folder, undefined]) {
    vi.stubEnv("LAMBDA_TASK_ROOT", root);
    expect((await readFile(fontPath(name))).readUInt32BE(0)).toBe(0x00010000);
    expect((await readFile(subsetterPath())).toString("latin1", 1, 4)).toBe("asm");
  }
});
