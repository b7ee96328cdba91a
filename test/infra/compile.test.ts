import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { bundle } from "../../infra/bundle/bundle.ts";
import { compile } from "../../infra/bundle/compile.ts";
import { projectRoot } from "../../infra/context.ts";
import contract from "../../packages/contract/package.json" with { type: "json" };
import { temporaryFolder } from "./synthesized.ts";

/** Within the project, where programs find its libraries. */
const scratch = mkdtempSync(join(projectRoot, ".build/scratch-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What a program prints when it is bundled. */
async function printed(program: string): Promise<string> {
  const source = join(scratch, "program.ts");
  writeFileSync(source, program);
  const { files } = await compile([{ name: "program", source }], { root: projectRoot, plugins: [] });
  const file = join(scratch, "program.mjs");
  writeFileSync(file, files[0]?.code ?? "");
  return execFileSync(process.execPath, [file], { encoding: "utf8", maxBuffer: 16 * 1024 ** 2 }).trim();
}

/** The folders of functions that are bundled from these files: each file's text by its name. */
async function bundled(names: readonly string[], files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(scratch, "root-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const code = await bundle(names, { root, out: join(root, "out") });
  return names.map((name) => {
    const folder = code.folder(name);
    const found = readdirSync(folder).sort();
    return Object.fromEntries(found.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  });
}

const namesOf = (files: Readonly<Record<string, string>> = {}) => Object.keys(files);

describe("instead of an installed module, bundles hold", () => {
  test("the commands that ElectroDB sends, all of them", () => {
    const text = (file: string) => readFileSync(join(projectRoot, file), "utf8");
    const sent = text("node_modules/electrodb/src/client.js").matchAll(/this\.lib\.(\w+Command)\b/g);
    const given = text("infra/bundle/aliases/electrodb.js").matchAll(/^ {2}(\w+Command),$/gm);
    const names = (matches: Iterable<RegExpExecArray>) => new Set([...matches].map(([, name]) => name));
    expect(names(given)).toEqual(names(sent));
  });

  test("entities of ElectroDB that are created when they are first used, and once", async () => {
    const said = await printed(
      `
      import { Entity } from "electrodb";
      let made = 0;
      const book = new Entity({
        model: { service: "library", entity: "book", version: "1" },
        get attributes() { made += 1; return { id: { type: "string", required: true } }; },
        indexes: { primary: { pk: { field: "pk", composite: ["id"], template: "book#\${id}" } } },
      }, { table: "t" });
      const before = made;
      const { Key } = book.get({ id: "1" }).params();
      const once = made;
      book.put({ id: "2" }).params();
      console.log(before, once > 0, made === once, Key.pk);`,
    );
    expect(said).toBe("0 true true book#1");
  });

  test("the table by which eld tells languages, with the same content", async () => {
    const table = join(projectRoot, "node_modules/eld/src/ngrams/extrasmall.js");
    const { ngramsData } = await import(table);
    const program = `
      import { ngramsData } from ${JSON.stringify(table)};
      console.log(JSON.stringify(ngramsData));`;
    const bundled = JSON.parse(await printed(program));
    expect(Object.keys(bundled.ngrams).length).toBeGreaterThan(40_000);
    expect(bundled).toEqual(JSON.parse(JSON.stringify(ngramsData)));
  });

  test("Node's http without all that it exports", async () => {
    const program = `
      const { request } = await import("node:http");
      console.log(typeof request, process.moduleLoadList.some((name) => name.includes("undici/undici")));`;
    expect(await printed(program)).toBe("function false");
  });
});

describe("modules of ours", () => {
  test("have no side effects but those that their package.json names, so that unused ones are left out", () => {
    const statement =
      /^(?:[\w$.]+(?:\(| (?:\?\?|\|\|)?= )|(?:if|for|while|switch) \(|(?:try|throw|await|new) )/m;
    const files = globSync(["packages/{contract,domain,lambda}/src/**/*.ts", "functions/**/*.ts"], {
      cwd: projectRoot,
      exclude: (path) => /\.test\.ts$|(^|\/)(fixture|cli)$/.test(path),
    });
    const acting = files.filter((file) => statement.test(readFileSync(join(projectRoot, file), "utf8")));
    const declared = contract.sideEffects.map((file) => join("packages/contract", file));
    expect(acting.sort()).toEqual(declared.sort());
  });

  test("are left out when a function only passes them", async () => {
    const [files] = await bundled(["api/a"], {
      "functions/api/a.ts": `export { wanted as handler } from "../../subject.ts";`,
      "subject.ts": `export { wanted } from "./wanted.ts"; export { other } from "./other.ts";`,
      "wanted.ts": `export const wanted = Symbol("wanted");`,
      "other.ts": `export const other = Object.seal({ other: true });`,
    });
    expect(files?.["index.mjs"]).toContain("wanted");
    expect(files?.["index.mjs"]).not.toContain("seal");
  });
});

describe("what is loaded by import()", () => {
  const heavy = "export const answer = 42;";

  test("is a file of its own, and brings along what it loads in turn", async () => {
    const [files] = await bundled(["api/a"], {
      "functions/api/a.ts": `export const handler = () => import("../../heavy.ts");`,
      "heavy.ts": `export const more = () => import("./heavier.ts");`,
      "heavier.ts": heavy,
    });
    expect(namesOf(files)).toEqual(["heavier.mjs", "heavy.mjs", "index.mjs"]);
  });

  test("is in no function's folder that does not load it", async () => {
    const [user, other] = await bundled(["api/a", "api/b"], {
      "functions/api/a.ts": `export { later as handler } from "../../both.ts";`,
      "functions/api/b.ts": `export { now as handler } from "../../both.ts";`,
      "both.ts": `export const later = () => import("./heavy.ts"); export const now = () => 1;`,
      "heavy.ts": heavy,
    });
    expect(namesOf(user)).toEqual(["heavy.mjs", "index.mjs"]);
    expect(namesOf(other)).toEqual(["index.mjs"]);
  });

  test("may be an optional package that is not installed: the function is bundled without, and a line says so", async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "functions/api"), { recursive: true });
    const program = `export const handler = () => import("bcrypt").catch(() => "without");`;
    writeFileSync(join(root, "functions/api/a.ts"), program);
    const said = vi.spyOn(console, "warn").mockReturnValue();
    const code = await bundle(["api/a"], { root, out: join(root, "out") });
    expect(said.mock.calls).toEqual([[expect.stringContaining("bcrypt is not installed here")]]);
    said.mockRestore();
    expect(readdirSync(code.folder("api/a"))).toEqual(["index.mjs"]);
    const file = JSON.stringify(join(code.folder("api/a"), "index.mjs"));
    const script = `console.log(await (await import(${file})).handler())`;
    const answer = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect(answer).toBe("without\n");
  });

  test("is refused when there is no such package", async () => {
    const files = { "functions/api/a.ts": `export const handler = () => import("bcrypt-of-nobody");` };
    await expect(bundled(["api/a"], files)).rejects.toThrow("Could not resolve");
  });

  test("needs a name that nothing else has", async () => {
    const files = {
      "functions/api/a.ts": `export const handler = () => import("./heavy.ts");`,
      "functions/api/heavy.ts": heavy,
      "functions/jobs/b.ts": `export const handler = () => import("./heavy.ts");`,
      "functions/jobs/heavy.ts": heavy,
    };
    await expect(bundled(["api/a", "jobs/b"], files)).rejects.toThrow("would both be heavy.mjs");
  });
});
