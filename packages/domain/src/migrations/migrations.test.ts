import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { migrations, required } from "./all.ts";

describe("all migrations", () => {
  const files = globSync("*-*.ts", { cwd: import.meta.dirname }).map((file) => basename(file, ".ts"));
  const names = files.filter((name) => /^\d{8}-\d{6}-/.test(name) && !name.endsWith(".test"));

  test("are listed, each under the name of its file, in their order", () => {
    expect(migrations.map(({ name }) => name)).toEqual(names.sort());
  });

  test("have a test, a sentence about them, and items", () => {
    expect(names.filter((name) => !files.includes(`${name}.test`))).toEqual([]);
    for (const { name, description, items } of migrations) {
      expect(description, name).toMatch(/^[A-Z].+\.$/);
      expect(items.of.length * items.from.length, name).toBeGreaterThan(0);
    }
  });

  test("that a version needs are among them", () => {
    expect(required.filter((name) => !names.includes(name))).toEqual([]);
  });
});
