// What npm run migrations -- create writes.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Where migrations are, one file each. */
export const MIGRATIONS_FOLDER = join(import.meta.dirname, "../../packages/domain/src/migrations");

/** `20261128-113000-search-forms` → `searchForms` */
const variableOf = (name: string) =>
  name
    .replace(/^\d+-\d+-/, "")
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    .replace(/^\d/, "_$&");

const migration = (name: string) => `import { type Attributes, defineMigration } from "./define.ts";

/**
 * Why this is needed, and which versions write what.
 */
export const ${variableOf(name)} = defineMigration({
  name: "${name}",
  description: "",
  kind: "backfill",
  // Entities and partitions: see ../table/index.ts. "scan" only for what stands in no partition together.
  items: { of: [], from: [] },
  change: (item: Attributes) => item,
});
`;

const test = (name: string) => `import { ${variableOf(name)} } from "./${name}.ts";
import { testMigration } from "./fixture/test-migration.ts";

// What items were, and what they are to be: each shape that was ever written.
testMigration(${variableOf(name)}, {});
`;

/** The files of a new migration: itself, and a test that fails until it has cases. */
export function templateOf(file: string): [string, string][] {
  const name = basename(file, ".ts");
  return [
    [file, migration(name)],
    [file.replace(/\.ts$/, ".test.ts"), test(name)],
  ];
}

/** Adds a migration to the list of all. */
export function registerMigration(name: string): void {
  const file = join(MIGRATIONS_FOLDER, "all.ts");
  const variable = variableOf(name);
  const text = readFileSync(file, "utf8");
  const [imports, ...rest] = text.split("\n\n");
  const list = rest
    .join("\n\n")
    .replace(/(migrations: readonly Migration\[\] = \[)([^\]]*)\]/, (_, head: string, inside: string) => {
      const names = [...inside.split(",").map((one) => one.trim()), variable].filter(Boolean);
      return `${head}${names.join(", ")}]`;
    });
  const sorted = [...(imports ?? "").split("\n"), `import { ${variable} } from "./${name}.ts";`]
    .filter(Boolean)
    .sort((a, b) => (moduleOf(a) < moduleOf(b) ? -1 : 1));
  writeFileSync(file, `${sorted.join("\n")}\n\n${list}`);
}

const moduleOf = (line: string) => /"([^"]+)"/.exec(line)?.[1] ?? "";
