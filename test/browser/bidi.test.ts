import type { Browser } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { mirrorBrackets, reorderVisual, resolveLevels } from "../../packages/pdf/src/text/bidi.ts";
import { sharedBrowser } from "../support/browser.ts";

/**
 * The order in which printed documents put letters of both directions is that of the Unicode bidirectional algorithm,
 * as a browser has it too: so what looks odd in one, such as the brackets of a Latin word in an Arabic name, is right.
 */

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const ISOLATES = /[\u2066-\u2069]/;

interface Placed {
  readonly character: string;
  readonly level: number;
}

/** Characters from left to right as they are printed. */
function printed(text: string, page: "ltr" | "rtl"): string {
  const { text: plain, levels } = resolveLevels(text, page);
  const characters = plain
    .split("")
    .map((character, at): Placed => ({ character, level: levels?.[at] ?? 0 }));
  return reorderVisual(characters)
    .map(({ character, level }) => (level % 2 === 1 ? mirrorBrackets(character) : character))
    .join("");
}

/** Characters from left to right as the browser draws them. */
async function drawn(text: string, page: "ltr" | "rtl"): Promise<string> {
  const tab = await browser.newPage();
  // As `resolveLevels` says of paragraphs.
  const dir = page === "rtl" && /[\u0590-\u08ff]/.test(text) ? "rtl" : "auto";
  await tab.setContent(`<p dir="${dir}" style="font:20px sans-serif;white-space:pre"></p>`);
  const centers = await tab.locator("p").evaluate((paragraph, content) => {
    paragraph.textContent = content;
    const [node] = paragraph.childNodes;
    if (!node) return [];
    return content.split("").map((_, at) => {
      const range = paragraph.ownerDocument.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const { left, right } = range.getBoundingClientRect();
      return (left + right) / 2;
    });
  }, text);
  await tab.close();
  return text
    .split("")
    .map((character, at) => ({ character, x: centers[at] ?? 0 }))
    .filter(({ character }) => !ISOLATES.test(character))
    .sort((a, b) => a.x - b.x)
    .map(({ character }) => character)
    .join("");
}

/** The browser says where a bracket stands, not which way it opens. */
const places = (visual: string) => visual.replace(/[()]/g, "|").replace(/[[\]]/g, "¦");

it.each([
  "شركة النور 2026 (Acme)",
  "شركة النور 2026 (Acme) 6",
  "Acme (شركة النور) 2026",
  "مجموعة الفطيم (دبي)",
  'مؤسسة "السلام" للتجارة، 12%',
  "(2026) شركة",
  "شركة a(b)c (د) e",
  "ישראל [x] (2026)",
  "Report for \u2068شركة النور 2026 (Acme)\u2069 (−18 points)",
  "العميل \u2068Acme (Dubai)\u2069 (\u2066−18\u2069 نقطة)",
  "1.15 مليون \u2066US$\u2069 (2)",
])("letters stand where a browser puts them: %s", async (text) => {
  for (const page of ["ltr", "rtl"] as const)
    expect(places(printed(text, page)), page).toBe(places(await drawn(text, page)));
});

it("brackets of a Latin word at the end of an Arabic name open towards it", () => {
  for (const page of ["ltr", "rtl"] as const)
    expect(printed("شركة النور 2026 (Acme)", page)).toBe(
      `(Acme) 2026 ${"شركة النور".split("").reverse().join("")}`,
    );
});
