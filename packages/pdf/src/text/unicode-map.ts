import type { UsedGlyph } from "./face.ts";

/** At most so many lines stand between `beginbfchar` and `endbfchar`. */
const BLOCK = 100;

/** A `ToUnicode` map (PDF 32000-1, 9.10.3): which characters the codes of letters stand for. */
export function unicodeMap(used: ReadonlyMap<number, UsedGlyph>): string {
  const lines = [...used]
    .filter(([, { codePoints }]) => codePoints.length > 0)
    .map(([code, { codePoints }]) => `<${hex(code)}> <${utf16(codePoints)}>`);
  const blocks = Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, index) =>
    lines.slice(index * BLOCK, (index + 1) * BLOCK),
  );
  return [
    "/CIDInit /ProcSet findresource begin",
    "12 dict begin",
    "begincmap",
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
    "/CMapName /Adobe-Identity-UCS def",
    "/CMapType 2 def",
    "1 begincodespacerange",
    "<0000> <ffff>",
    "endcodespacerange",
    ...blocks.flatMap((block) => [`${block.length} beginbfchar`, ...block, "endbfchar"]),
    "endcmap",
    "CMapName currentdict /CMap defineresource pop",
    "end",
    "end",
  ].join("\n");
}

function utf16(codePoints: readonly number[]): string {
  const text = String.fromCodePoint(...codePoints);
  return Array.from({ length: text.length }, (_, at) => hex(text.charCodeAt(at))).join("");
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}
