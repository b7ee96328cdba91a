import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../packages/domain/src", import.meta.url));

/** The subjects of the domain, from the ground floor up. Each may import those below it, through their `index.ts`. */
const FLOORS = [
  ["table"],
  ["config", "calendar", "figures", "text", "link-token", "secret", "sentiment", "messages"],
  ["statistics"],
  ["rate-limit", "settings", "audit"],
  ["mail"],
  ["counters"],
  ["directory"],
  ["lists"],
  ["jobs"],
  ["users"],
  ["auth", "idempotency"],
  ["alerts"],
  ["interactions"],
  ["tickets"],
  ["surveys"],
  ["health"],
  ["portfolio"],
  ["deployments"],
  ["outcomes"],
  ["renewals", "backtests"],
  ["customers"],
  ["dashboard"],
  ["reports"],
  ["personal-data"],
  ["migrations"],
];
/** What the table needs of the floor above it: settings. */
const GROUND = new Set(["config"]);

const floorOf = (subject: string) => FLOORS.findIndex((floor) => floor.includes(subject));

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+)"/g;

interface Arrow {
  readonly file: string;
  readonly from: string;
  /** The imported file, relative to the domain. */
  readonly target: string;
  readonly to: string;
}

const subjectOf = (file: string) => file.split("/")[0]?.replace(/\.ts$/, "") ?? "";

/** The domain's files, without tests and fixtures. */
function sources(): string[] {
  const files = globSync("**/*.ts", { cwd: root, exclude: (path) => /\.test\.ts$|\bfixture\b/.test(path) });
  expect(files.length).toBeGreaterThan(100);
  return files;
}

/** Imports between subjects. */
function arrows(): Arrow[] {
  return sources().flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)].flatMap(([, specifier = ""]) => {
      const target = relative(root, join(root, dirname(file), specifier));
      const [from, to] = [subjectOf(file), subjectOf(target)];
      return from === to ? [] : [{ file, from, target, to }];
    }),
  );
}

/** Words of the database and of the environment, and the only places that may use them. */
const RESERVED: readonly (readonly [word: RegExp, place: RegExp])[] = [
  [/KeyConditionExpression|IndexName|\bgsi[123](pk|sk)|\bdynamo\.send\b/, /^table\//],
  [/\bfrom "electrodb"|\.go\(|\bcreateWriteTransaction\b/, /^table\//],
  [/\bprocess\.env\b/, /^config\.ts$/],
];

const told = ({ file, target }: Arrow) => `${file} imports ${target}`;

describe("subjects of the domain", () => {
  test("stand on a floor, each", () => {
    const subjects = new Set(
      globSync("*", { cwd: root })
        .filter((name) => !name.endsWith(".test.ts"))
        .map(subjectOf),
    );
    expect([...subjects].filter((subject) => floorOf(subject) < 0)).toEqual([]);
  });

  test("import only what lies below them, so that there is no circle", () => {
    const upward = arrows().filter(
      ({ from, to }) => floorOf(to) >= floorOf(from) && !(from === "table" && GROUND.has(to)),
    );
    expect(upward.map(told)).toEqual([]);
  });

  test("are entered through their index.ts alone", () => {
    const past = arrows().filter(
      ({ target }) => target.includes("/") && !/^[a-z-]+\/index\.ts$/.test(target),
    );
    expect(past.map(told)).toEqual([]);
  });

  test.each(RESERVED)("leave %s to their own room", (word, place) => {
    const strangers = sources().filter(
      (file) => !place.test(file) && word.test(readFileSync(join(root, file), "utf8")),
    );
    expect(strangers).toEqual([]);
  });
});
