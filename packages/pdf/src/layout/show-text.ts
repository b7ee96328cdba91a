import {
  PDFArray,
  PDFContext,
  PDFHexString,
  PDFNumber,
  PDFOperator,
  PDFOperatorNames,
  setTextRise,
} from "pdf-lib";
import type { TextLine } from "../text/typesetter.ts";

/** Arrays need a context, but what is written into a page is never looked up in one. */
const NOWHERE = PDFContext.create();

/** Draws the letters of a line at the place where the text matrix is: `TJ` and, for accents, `Ts`. */
export function showText({ runs, size }: TextLine): PDFOperator[] {
  const operators: PDFOperator[] = [];
  let shown: (string | number)[] = [];

  function flush(): void {
    if (shown.length > 0) operators.push(show(shown));
    shown = [];
  }

  for (const part of runs.flatMap((run) => run.parts)) {
    if (typeof part === "object") {
      flush();
      operators.push(setTextRise(Math.round(part.rise * size) / 1000));
    } else {
      const last = shown.at(-1);
      if (typeof part === "string" && typeof last === "string") shown[shown.length - 1] = last + part;
      else if (typeof part === "number" && typeof last === "number") shown[shown.length - 1] = last + part;
      else shown.push(part);
    }
  }
  flush();
  return operators;
}

function show(parts: readonly (string | number)[]): PDFOperator {
  const array = PDFArray.withContext(NOWHERE);
  for (const part of parts) array.push(typeof part === "string" ? PDFHexString.of(part) : PDFNumber.of(part));
  return PDFOperator.of(PDFOperatorNames.ShowTextAdjusted, [array]);
}
