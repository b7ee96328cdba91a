import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** Whether nobody has to scroll sideways. */
export const fitsScreenWidth = (page: Page) =>
  page.evaluate<boolean>("document.documentElement.scrollWidth <= document.documentElement.clientWidth");

const axe = () => readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What keeps somebody from using a page (axe's rules), each with where it is. The page must let scripts in. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe());
  return page.evaluate<string[]>(
    `axe.run().then(({ violations, passes }) => passes.length === 0 ? ["nothing was looked at"]
      : violations.map(({ id, impact, nodes }) => id + " (" + impact + "): " + nodes[0].html))`,
  );
}
