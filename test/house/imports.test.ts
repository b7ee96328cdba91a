import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The rooms of the house and whose doors open to them. Tests may go anywhere. */
const MAY_ENTER: Readonly<Record<string, readonly string[]>> = {
  "packages/contract": [],
  "packages/domain": ["packages/contract", "packages/pdf"],
  "packages/demo": ["packages/contract", "packages/domain"],
  "packages/lambda": ["packages/contract"],
  "packages/pdf": ["packages/contract"],
  "packages/local": [],
  "packages/replay": ["packages/contract", "packages/domain", "packages/local", "packages/pdf"],
  "packages/transfer": ["packages/contract", "packages/domain"],
  functions: [
    "packages/contract",
    "packages/demo",
    "packages/domain",
    "packages/lambda",
    "packages/transfer",
  ],
  infra: ["packages/contract"],
};

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

/** Files at the root that any room may read. */
const OPEN = new Set(["package.json"]);

const roomOf = (path: string) => Object.keys(MAY_ENTER).find((room) => path.startsWith(`${room}/`));

/** Which room an import leads to; undefined for libraries and Node. */
function target(file: string, specifier: string): string | undefined {
  const [, ours] = /^@success-manager\/(\w+)/.exec(specifier) ?? [];
  if (ours) return `packages/${ours}`;
  if (!specifier.startsWith(".")) return undefined;
  const path = relative(root, join(root, dirname(file), specifier));
  if (OPEN.has(path)) return undefined;
  return roomOf(path) ?? path;
}

function trespasses(room: string): string[] {
  const files = globSync(`${room}/**/*.ts`, {
    cwd: root,
    exclude: (path) => /node_modules|\.test\.ts$/.test(path),
  });
  expect(files.length, `${room} has files`).toBeGreaterThan(0);
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)].flatMap(([, specifier = ""]) => {
      const entered = target(file, specifier);
      const allowed = entered === undefined || entered === room || MAY_ENTER[room]?.includes(entered);
      return allowed ? [] : [`${file} imports ${specifier}`];
    }),
  );
}

describe("imports run one way", () => {
  test.each(Object.keys(MAY_ENTER))("%s enters only the rooms that it may", (room) => {
    expect(trespasses(room)).toEqual([]);
  });

  test("a package is entered by its door, not through the wall", () => {
    expect(target("functions/api/auth.ts", "../../packages/domain/src/users/users.ts")).toBe(
      "packages/domain",
    );
    expect(target("packages/contract/src/index.ts", "../../../infra/app.ts")).toBe("infra");
  });

  test("infra reads no variables but those that the local cloud's synthesis knows", () => {
    // The doctor is a command of its own, and no part of a synthesis.
    const files = globSync("infra/**/*.ts", { cwd: root, exclude: ["infra/doctor.ts"] });
    const read = files.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/process\.env\b(?:\.(\w+))?/g)].map(
        ([, name]) => name,
      ),
    );
    expect(new Set(read)).toEqual(
      new Set(["BACKEND_CORS_ORIGINS", "CDK_DEFAULT_ACCOUNT", "CDK_OUTDIR", "OIDC_PROVIDER"]),
    );
  });
});

test("a test gives back what it mocks: files after it use the same library", () => {
  const mocking = globSync("{packages,functions,test}/**/*.test.ts", {
    cwd: root,
    exclude: ["**/node_modules/**"],
  })
    .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }))
    .filter(({ text }) => text.includes('from "aws-sdk-client-mock"'));
  expect(mocking.length).toBeGreaterThan(0);
  expect(mocking.filter(({ text }) => !text.includes(".restore()")).map(({ file }) => file)).toEqual([]);
});
