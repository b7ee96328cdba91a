import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { Language } from "@success-manager/contract/vocabulary";
import { describe, expect, test } from "vitest";
import { chooseLanguage, directionOf, surveyTexts } from "./index.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = fileURLToPath(new URL(".", import.meta.url));

type Messages = Readonly<Record<string, string>>;

/** Subjects by their folder, with the messages of each language. */
const subjects = new Map<string, Map<string, Messages>>();
for (const file of globSync("*/*.json", { cwd: folder })) {
  const [subject = "", name = ""] = file.split(/[/\\]/);
  const languages = subjects.get(subject) ?? new Map<string, Messages>();
  subjects.set(
    subject,
    languages.set(name.replace(".json", ""), JSON.parse(readFileSync(`${folder}${file}`, "utf8"))),
  );
}
const each = [...subjects].flatMap(([subject, languages]) =>
  [...languages].map(([language, messages]) => ({ subject, language, messages })),
);

type Elements = ReturnType<typeof parse>;

/** The placeholders of a message, each with its kind: `count plural`. */
function placeholders(elements: Elements): string[] {
  const found = elements.flatMap((element): string[] => {
    switch (element.type) {
      case TYPE.argument:
        return [`${element.value} text`];
      case TYPE.plural:
      case TYPE.select: {
        const kind =
          element.type === TYPE.plural ? "plural" : `select ${Object.keys(element.options).sort()}`;
        const inner = Object.values(element.options).flatMap(({ value }) => placeholders(value));
        return [`${element.value} ${kind}`, ...inner];
      }
      case TYPE.literal:
      case TYPE.pound:
        return [];
      default:
        return [`an element of type ${element.type}`];
    }
  });
  return [...new Set(found)].sort();
}

/** Plural forms of a message. */
const plurals = (elements: Elements): string[][] =>
  elements.flatMap((element) => {
    if (element.type !== TYPE.plural && element.type !== TYPE.select) return [];
    const inner = Object.values(element.options).flatMap(({ value }) => plurals(value));
    return element.type === TYPE.plural ? [Object.keys(element.options).sort(), ...inner] : inner;
  });

/** What a message says itself. */
const words = (elements: Elements): string =>
  elements
    .map((element) => {
      if (element.type === TYPE.literal) return element.value;
      if (element.type !== TYPE.plural && element.type !== TYPE.select) return "";
      return Object.values(element.options)
        .map(({ value }) => words(value))
        .join(" ");
    })
    .join("");

/** Words that languages share with English. */
const SHARED =
  /^(\( point points\)|Adoption|CSAT|Cloud|Engagement|Error:|Hybrid|KB|MB|NPS|Net Promoter Score|Neutral|Onboarding|Score|Stable|Status|Support|Trends?|adoption|engagement|points|support)$/;
const isShared = (message = "") => SHARED.test(words(parsed(message)).trim());

const parsed = (message = "") => parse(message, { ignoreTag: true });

describe("a subject", () => {
  test.each([...subjects])("%s is there in every language", (_, languages) => {
    expect([...languages.keys()].sort()).toEqual([...Language.options].sort());
  });

  test.each(each)(
    "$subject in $language has every message, with the same placeholders",
    ({ subject, messages }) => {
      const english = subjects.get(subject)?.get("en") ?? {};
      expect(Object.keys(messages)).toEqual(Object.keys(english));
      for (const [key, message] of Object.entries(messages)) {
        expect(message.trim(), key).toBe(message);
        expect(message, key).not.toBe("");
        expect([key, placeholders(parsed(message))]).toEqual([key, placeholders(parsed(english[key]))]);
      }
    },
  );

  test.each(each)(
    "$subject in $language has every form of a plural that the language has",
    ({ language, messages }) => {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      // For numbers of millions and fractions, which we do not count.
      const seldom = new Set(["fr", "es"].includes(language) ? ["many"] : []);
      const wanted = forms.filter((form) => !seldom.has(form)).sort();
      for (const [key, message] of Object.entries(messages))
        for (const found of plurals(parsed(message))) expect([key, found]).toEqual([key, wanted]);
    },
  );

  test.each(each.filter(({ language }) => language !== "en"))(
    "$subject in $language is translated",
    ({ subject, messages }) => {
      const english = subjects.get(subject)?.get("en") ?? {};
      const isSame = (key: string) => messages[key] === english[key];
      const isWords = (key: string) => /\p{L}/u.test(words(parsed(messages[key])));
      expect(
        Object.keys(messages).filter((key) => isSame(key) && isWords(key) && !isShared(messages[key])),
      ).toEqual([]);
    },
  );
});

/** Texts in our sources that may be keys: whole ones, and templates, of which a part is put in. */
const literals = globSync(["packages/*/src/**/*.ts", "functions/**/*.ts"], {
  cwd: root,
  exclude: (path) => /\.test\.ts$|node_modules/.test(path),
}).flatMap((file) => {
  const source = readFileSync(`${root}/${file}`, "utf8");
  const whole = [...source.matchAll(/"([a-z_.]+)"/g)].map(([, text = ""]) => text);
  const templates = [...source.matchAll(/`([a-z_]+\.(?:[a-z_.]|\$\{[\w.]+\})*)`/g)].map(
    ([, text = ""]) => text,
  );
  return [...whole, ...templates];
});
const patterns = literals
  .filter((text) => text.includes("."))
  .map((text) => new RegExp(`^${text.replaceAll(".", "\\.").replace(/\$\{[\w.]+\}/g, "[a-z_]+")}$`));

test.each([...subjects])("every message of %s is used", (_, languages) => {
  const keys = Object.keys(languages.get("en") ?? {});
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  // The test would find one that is not.
  expect(patterns.some((pattern) => pattern.test("form.never_used"))).toBe(false);
});

describe("texts", () => {
  test("count in every language", () => {
    const of = (language: Language, count: number) => surveyTexts(language).text("form.limit", { count });
    expect([1, 2, 5000].map((count) => of("en", count))).toEqual([
      "Up to 1 character",
      "Up to 2 characters",
      "Up to 5,000 characters",
    ]);
    expect(of("de", 5000)).toBe("Bis zu 5.000 Zeichen");
    expect([1, 2, 3, 11, 100].map((count) => of("ar", count))).toEqual([
      "حتى حرف واحد",
      "حتى حرفين",
      "حتى 3 أحرف",
      "حتى 11 حرفًا",
      "حتى 100 حرف",
    ]);
  });

  test("write instants in the time zone that they are told, and say which", () => {
    const at = "2026-11-29T14:30:00.000Z";
    expect(surveyTexts("en").instant(at, "UTC")).toBe("29 November 2026 at 14:30 UTC");
    expect(surveyTexts("en").instant(at, "Europe/Berlin")).toMatch(
      /^29 November 2026 at 15:30 (CET|GMT\+1)$/,
    );
    expect(surveyTexts("de").date(at, "UTC")).toBe("29. November 2026");
    expect(surveyTexts("ar").date(at, "UTC")).toMatch(/^29 نوفمبر 2026$/);
  });

  test("leave what stands for a placeholder as it is, and braces and markup in it", () => {
    const name = { markup: "<b>Ada</b>" };
    expect(surveyTexts("en").pieces("form.person", { person: name })).toEqual(["You answer as ", name, "."]);
    expect(surveyTexts("en").text("form.person", { person: "{x} <b>'" })).toBe("You answer as {x} <b>'.");
  });

  test("run from right to left in Arabic alone", () => {
    expect(Language.options.filter((language) => directionOf(language) === "rtl")).toEqual(["ar"]);
  });
});

test.each([
  ["a person's", { person: "fr", link: "de", accepted: "es", stage: "en" }, "fr"],
  ["then the link's", { link: "de-AT", accepted: "es", stage: "en" }, "de"],
  ["whatever its case", { link: "AR", accepted: "es", stage: "en" }, "ar"],
  ["then the browser's", { link: "it", accepted: "it;q=0.9, es-MX;q=0.8, de;q=0.7", stage: "en" }, "es"],
  ["by its weights", { accepted: "de;q=0.2, fr;q=0.8", stage: "en" }, "fr"],
  ["none that it refuses", { accepted: "de;q=0, fr;q=0.1", stage: "en" }, "fr"],
  ["else the stage's", { link: "", accepted: "*", stage: "es" }, "es"],
  ["also without a word", { stage: "de" }, "de"],
  ["or with nonsense", { link: "../x", accepted: ";;q=,=;", stage: "en" }, "en"],
] as const)("the language is %s", (_, preferences, language) => {
  expect(chooseLanguage(preferences)).toBe(language);
});
