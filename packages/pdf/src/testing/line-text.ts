import { createFonts } from "../text/font.ts";
import { createTypesetter, type TextLine } from "../text/typesetter.ts";

const fonts = createFonts();

/** A typesetter, and what its lines say: letter by letter as they stand on the page, from left to right. */
export const typesetter = createTypesetter(fonts);

export const lineText = (line: TextLine): string =>
  line.runs
    .flatMap(({ typeface, steps }) => {
      const codes = steps.filter((step) => typeof step === "string");
      return codes.map((code) => fonts.used.get(typeface)?.get(Number.parseInt(code, 16))?.text ?? "");
    })
    .join("")
    .replaceAll("\u200b", "");

/** The typefaces that a line is set in, from left to right. */
export const typefacesOf = (line: TextLine): readonly string[] => line.runs.map(({ typeface }) => typeface);
