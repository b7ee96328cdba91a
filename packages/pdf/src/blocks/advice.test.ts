import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Block } from "../document.ts";
import { render } from "../render.ts";
import { anyText } from "../testing/arbitrary.ts";
import { expectCleanLayout, layoutContext } from "../testing/drawing.ts";
import { readPdf } from "../testing/read-pdf.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { layoutAdvice } from "./advice.ts";

const advice = (action: string, who: string): Block => ({ kind: "advice", items: [{ action, who }] });

describe("advice", () => {
  test("is read as what to do, and for whom", async () => {
    const text = await renderedText(advice("Call them.", "2 customers: Acme and Bolt."), advice("Rest.", ""));
    expect(text).toContain("Call them. 2 customers: Acme and Bolt. Rest.");
  });

  test("stands on the page of what it follows from, however full that is", async () => {
    for (let rows = 30; rows < 50; rows += 1) {
      const table: Block = {
        kind: "table",
        columns: [{ heading: "Customer" }],
        rows: Array.from({ length: rows }, (_, n) => [`Customer ${n}.`]),
      };
      const document = {
        ...{ title: "Report", facts: [], paper: "a4" as const, created: new Date(0), footer: "" },
        sections: [{ heading: "Customers", blocks: [table, advice("Call them.", "All.")] }],
      };
      const { pages } = await readPdf(await render(document));
      const page = pages.find(({ text }) => text.includes("Call them."));
      expect(page?.text, `after ${rows} rows`).toContain(`Customer ${rows - 1}.`);
    }
  });

  test("keeps to its width, whatever it says", async () => {
    const context = await layoutContext();
    fc.assert(
      fc.property(anyText, anyText, (action, who) => {
        expectCleanLayout(layoutAdvice({ kind: "advice", items: [{ action, who }] }, context), context);
      }),
    );
  });
});
