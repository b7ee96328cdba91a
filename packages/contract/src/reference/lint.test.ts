import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import spectralRulesets from "@stoplight/spectral-rulesets";
import { expect, test } from "vitest";
import { createReference } from "./document.ts";

const NO_LICENSE_PAGE = "Nobody gets a license, so there is no page and no SPDX name of one.";

/**
 * Two linters of OpenAPI documents, with all rules that they recommend and Spectral's others too. They look nothing up.
 * A rule that is off stands here with its reason, and has something to complain about.
 */
const OFF = {
  redocly: {
    "info-license-strict": NO_LICENSE_PAGE,
    "no-ambiguous-paths":
      "/alerts/customer/{id} and /alerts/{id}/resolve: the gateway takes the literal part first, and no customer's id is a word.",
    "operation-2xx-response": "Pages lead on with 302 and 303, which is their success.",
    "operation-4xx-response": "Public pages that take nothing have nothing to refuse.",
  },
  spectral: {
    "license-url": NO_LICENSE_PAGE,
    "openapi-tags-alphabetical": "Tags stand in the order in which one reads them.",
  },
} as const;

/** Redocly has looked at these already, in a fifth of the time. */
const TWICE = ["oas3-valid-media-example", "oas3-valid-schema-example"];

const source = JSON.stringify(
  createReference({
    version: "1.2.3",
    // As a stage names it (`apiContact` in infra/stages).
    contact: { name: "Norvane", url: "https://norvane.example.com", email: "api@norvane.example.com" },
    examples: JSON.parse(readFileSync(new URL("./examples.json", import.meta.url), "utf8")),
  }),
);

/** What was found under rules that are on, and which of the others found something. */
function judge(found: readonly { readonly rule: string; readonly says: string }[], off: object) {
  const wrong = found.filter(({ rule }) => !(rule in off)).map(({ rule, says }) => `${rule}: ${says}`);
  return { wrong, off: Object.keys(off).filter((name) => found.some(({ rule }) => rule === name)) };
}

test("Redocly finds nothing", async () => {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source, absoluteRef: "/openapi.json", config });
  const found = problems.map(({ ruleId, message, location }) => {
    const [where] = location;
    return { rule: ruleId, says: `${message} ${where && "pointer" in where ? where.pointer : ""}` };
  });
  expect(judge(found, OFF.redocly)).toEqual({ wrong: [], off: Object.keys(OFF.redocly) });
});

test("Spectral finds nothing", async () => {
  const spectral = new spectralCore.Spectral();
  const rules = Object.fromEntries(TWICE.map((rule) => [rule, "off"]));
  spectral.setRuleset(new spectralCore.Ruleset({ extends: [[spectralRulesets.oas, "all"]], rules }));
  const results = await spectral.run(JSON.parse(source));
  const found = results.map(({ code, message, path }) => ({
    rule: String(code),
    says: `${message} ${path.join(".")}`,
  }));
  expect(judge(found, OFF.spectral)).toEqual({ wrong: [], off: Object.keys(OFF.spectral) });
});
