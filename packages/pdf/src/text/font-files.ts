import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const noto = (family: string, name: string) =>
  `@expo-google-fonts/${family}/400Regular/${name}_400Regular.ttf`;

/** The typefaces of printed documents, by the packages that they come from. All are TrueType. */
const FONT_FILES = {
  regular: "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  bold: "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
  chinese: noto("noto-sans-sc", "NotoSansSC"),
  japanese: noto("noto-sans-jp", "NotoSansJP"),
  korean: noto("noto-sans-kr", "NotoSansKR"),
  arabic: noto("noto-sans-arabic", "NotoSansArabic"),
  thai: noto("noto-sans-thai", "NotoSansThai"),
  devanagari: noto("noto-sans-devanagari", "NotoSansDevanagari"),
  emoji: noto("noto-emoji", "NotoEmoji"),
} as const;

export type TypefaceName = keyof typeof FONT_FILES;

export const TYPEFACES = Object.keys(FONT_FILES) as readonly TypefaceName[];

/** Cuts fonts down to the glyphs that are used: HarfBuzz's subsetter. */
const SUBSETTER = "harfbuzzjs/dist/harfbuzz-subset.wasm";

export const fontPath = (name: TypefaceName): string => assetPath("fonts", FONT_FILES[name]);

export const subsetterPath = (): string => assetPath("", SUBSETTER);

/** A function's bundle carries the files, in `folder`; elsewhere they are in their packages. */
function assetPath(folder: string, file: string): string {
  const root = process.env.LAMBDA_TASK_ROOT;
  const bundled = join(root ?? "", folder, file.slice(file.lastIndexOf("/") + 1));
  if (root !== undefined && existsSync(bundled)) return bundled;
  return createRequire(import.meta.url).resolve(file);
}
