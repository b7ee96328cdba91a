import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { migrations, required } from "./all.ts";
import { beforeDeployment, defineMigration, type Migration } from "./define.ts";

describe("all migrations", () => {
  const files = globSync("*-*.ts", { cwd: import.meta.dirname }).map((file) => basename(file, ".ts"));
  const names = files.filter((name) => /^\d{8}-\d{6}-/.test(name) && !name.endsWith(".test"));

  test("are listed, each under the name of its file, in their order", () => {
    expect(migrations.map(({ name }) => name)).toEqual(names.sort());
  });

  test("have a test, a sentence about them, and items", () => {
    expect(names.filter((name) => !files.includes(`${name}.test`))).toEqual([]);
    for (const { name, description, items, undo } of migrations) {
      expect(description, name).toMatch(/^[A-Z].+\.$/);
      // One that only says that something is allowed from now on has items on its way back.
      const { of, from } = items.of.length > 0 ? items : (undo?.items ?? items);
      expect(of.length * from.length, name).toBeGreaterThan(0);
    }
  });

  test("that a version needs are among them", () => {
    expect(required.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe("a deployment", () => {
  const migration = (name: string, kind: Migration["kind"]) =>
    defineMigration({ name, description: "", kind, items: { of: [], from: [] }, change: (item) => item });
  const all = [migration("a", "backfill"), migration("b", "expand"), migration("c", "contract")];

  test.each<[what: string, pending: string[], required: string[], first: string[], missing: string[]]>([
    ["of a version that needs nothing", ["a", "b", "c"], [], ["b"], []],
    ["of one that needs what runs first", ["b", "c"], ["b"], ["b"], []],
    ["of one whose needs are met", ["c"], ["a", "b"], [], []],
    ["of one that jumps over the version that writes both", ["a", "b"], ["a", "b"], ["b"], ["a"]],
    ["that takes away too early", ["c"], ["c"], [], ["c"]],
  ])("%s", (_, pending, required, first, missing) => {
    expect(beforeDeployment(all, required, new Set(pending))).toEqual({ first, missing });
  });
});
