import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import advisories from "../../docs/advisories.json" with { type: "json" };
import manifest from "../../package.json" with { type: "json" };
import { Accepted, judge } from "../audit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const paper = readFileSync(join(root, "docs/security.md"), "utf8");

/** Files that it names, in back ticks: with a folder, or known by their ending at the top. */
const files = [...paper.matchAll(/`([\w.-]+(?:\/[\w.-]+)+|[\w-]+\.json)`/g)].map(([, path = ""]) => path);
const rows = [...paper.matchAll(/^\| (\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]+) \| (.+) \|$/gm)].map(
  ([, id = "", asked = "", holds = "", evidence = ""]) => ({ id, asked, holds, evidence }),
);

describe("docs/security.md", () => {
  test("names files that exist", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("names scripts that exist", () => {
    const scripts = [...paper.matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  test("has a row for requirements of each chapter, once", () => {
    const expanded = rows.flatMap(({ id }) =>
      id.split(", ").flatMap((part) => {
        const [from = "", to = from] = part.split("–");
        const [chapter, section, first = "0"] = from.split(".");
        const last = to.split(".")[2] ?? first;
        expect(to.startsWith(`${chapter}.${section}.`)).toBe(true);
        return Array.from(
          { length: Number(last) - Number(first) + 1 },
          (_, n) => `${chapter}.${section}.${Number(first) + n}`,
        );
      }),
    );
    expect(expanded.filter((id, index) => expanded.indexOf(id) !== index)).toEqual([]);
    expect(new Set(expanded.map((id) => id.split(".")[0])).size).toBe(14);
    expect(expanded.length).toBeGreaterThan(240);
  });

  test("shows a test of something in each chapter", () => {
    const tested = rows.filter(({ evidence }) => /`[^`]+\.test\.ts`/.test(evidence));
    const chapters = new Set(tested.map(({ id }) => Number(id.split(".")[0])));
    expect([...chapters].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
  });

  test("says of each whether it holds, and shows what does", () => {
    for (const { id, holds, evidence } of rows) {
      expect([id, holds]).toEqual([id, expect.stringMatching(/^(yes|partly|no|n\/a)$/)]);
      if (holds === "yes") expect([id, evidence]).toEqual([id, expect.stringMatching(/`|TLS|cookies/)]);
      // What is missing has to be said in words.
      if (holds !== "yes")
        expect([id, evidence.replace(/`[^`]*`/g, "")]).toEqual([id, expect.stringMatching(/\w{2}/)]);
    }
  });
});

test("docs/advisories.json accepts advisories with a reason, for half a year at most", () => {
  const accepted = z.array(Accepted).parse(advisories);
  const halfAYear = new Date(Date.now() + 184 * 24 * 60 * 60 * 1000).toISOString();
  for (const { expires } of accepted) expect(expires < halfAYear).toBe(true);
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(accepted.length);
});

describe("npm run audit", () => {
  const GHSA = "GHSA-35jh-r3h4-6jhm";
  const advisory = {
    ...{ name: "lodash", title: "Command Injection", severity: "high", range: "<4.17.21" },
    url: `https://github.com/advisories/${GHSA}`,
  };
  const report = JSON.stringify({
    auditReportVersion: 2,
    // What needs it is named as well, and is not a second finding.
    vulnerabilities: { lodash: { via: [advisory] }, "some-tool": { via: ["lodash"] } },
  });
  const reason = "Only the build uses it, with input of our own.";
  const acceptance = { id: GHSA, package: "lodash", reason, expires: "2026-03-31" };

  test("finds what nobody has accepted", () => {
    expect(judge(report, [], "2026-03-01").open).toEqual([
      `${GHSA} lodash <4.17.21 (high): Command Injection`,
    ]);
  });

  test("passes over what is accepted, to its last day and for its package alone", () => {
    expect(judge(report, [acceptance], "2026-03-31")).toMatchObject({
      open: [],
      accepted: [expect.any(String)],
    });
    expect(judge(report, [acceptance], "2026-04-01").open).toHaveLength(1);
    expect(judge(report, [{ ...acceptance, package: "underscore" }], "2026-03-01").open).toHaveLength(1);
  });

  test("names acceptances of what is no longer found", () => {
    const none = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} });
    expect(judge(none, [acceptance], "2026-03-01")).toMatchObject({ open: [], obsolete: [GHSA] });
  });

  test("does not take a registry without an answer for a clean one, nor anything else for a report", () => {
    const refusal = JSON.stringify({ message: "405 Method Not Allowed", error: { summary: "", detail: "" } });
    expect(judge(refusal, [], "2026-03-01").available).toBe(false);
    expect(() => judge("{}", [], "2026-03-01")).toThrow();
    expect(() => judge("<html>", [], "2026-03-01")).toThrow();
  });
});
