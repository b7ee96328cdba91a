import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { type Called, curlOf, typescriptOf } from "./code-samples.ts";
import { createReference } from "./document.ts";
import { GUIDES } from "./guides.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

const called = (changes: Partial<Called> = {}): Called => ({
  group: "health-scores",
  name: "atRisk",
  endpoint: { method: "GET", access: "member" },
  path: "/api/v1/health-scores/{id}",
  request: { params: { id: "a b" }, query: { limit: 2, q: "Müller & Co" } },
  ...changes,
});

describe("code for curl", () => {
  it("names the address and the token by their variables", () => {
    expect(curlOf(called())).toBe(
      'curl "$API/api/v1/health-scores/a%20b?limit=2&q=M%C3%BCller+%26+Co" \\\n  -H "Authorization: Bearer $TOKEN"',
    );
  });

  it("leaves nothing of a text to the shell", () => {
    const request = { body: { notes: 'It\'s $HOME `id` "!"' } };
    const endpoint = { method: "PUT", access: "public" } as const;
    expect(curlOf(called({ endpoint, path: "/notes", request }))).toBe(
      [
        'curl -X PUT "$API/notes"',
        "-H 'Content-Type: application/json'",
        `-d '{\n  "notes": "It'\\''s $HOME \`id\` \\"!\\""\n}'`,
      ].join(" \\\n  "),
    );
  });

  it("sends a form field by field", () => {
    const endpoint = { method: "POST", access: "public" } as const;
    const request = { form: { username: "ada@example.com", password: "a+b&c" } };
    expect(curlOf(called({ endpoint, path: "/login", request }))).toContain(
      "--data-urlencode 'password=a+b&c'",
    );
  });
});

test("code for the typed client breaks long input into lines", () => {
  const body = {
    company_name: "Alderbrook Telecom",
    deployed_products: ["MonetX"],
    notes: "A note that is long",
  };
  const source = typescriptOf(called({ group: "survey-requests", name: "create", request: { body } }));
  expect(source).toContain("await api.surveyRequests.create({\n  body: {\n    company_name:");
  expect(source).toContain('deployed_products: ["MonetX"],');
});

/** Each in a scope of its own, as they all name the same things. */
function program(sources: readonly string[]): string {
  const code = sources.map((source) => `{\n${source.replace(/^import .*\n/gm, "")}\n}`);
  return [
    'import { apiOf, tokensOf } from "@success-manager/contract/api";',
    'const API: string = "http://localhost:8000";',
    'const TOKEN: string = "";',
    ...code,
  ].join("\n");
}

// With the compiler that checks the rest: what a sample sends must be what the operation takes.
test("what the docs show of the typed client compiles", () => {
  const examples = JSON.parse(readFileSync(new URL("./examples.json", import.meta.url), "utf8"));
  const paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Object(
    createReference({ version: "1.2.3", examples }).paths,
  );
  const samples = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .flatMap((operation): { lang: string; source: string }[] => Object(operation)["x-codeSamples"] ?? [])
    .filter(({ lang }) => lang === "TypeScript")
    .map(({ source }) => source);
  const shown = GUIDES.flatMap(({ text }) =>
    [...text.matchAll(/```typescript\n(.*?)\n```/gs)].map(([, source = ""]) => source),
  );
  expect([samples.length > 100, shown.length > 0]).toEqual([true, true]);

  mkdirSync(join(root, ".build"), { recursive: true });
  const folder = mkdtempSync(join(root, ".build/samples-"));
  try {
    writeFileSync(join(folder, "samples.ts"), program([...samples, ...shown]));
    const options = { noUnusedLocals: false };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        compilerOptions: options,
        include: ["samples.ts"],
      }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
