import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** `sans-sc` → the file of Noto Sans SC */
function noto(family: string): string {
  const words = `noto-${family}`.split("-");
  const name = words.map((word) => (word.length === 2 ? word.toUpperCase() : capitalized(word))).join("");
  return `@expo-google-fonts/noto-${family}/400Regular/${name}_400Regular.ttf`;
}

const capitalized = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** The typefaces of printed documents, by the packages that they come from. All are TrueType. */
const FONT_FILES = {
  /** Latin, Greek, Cyrillic, Hebrew, Armenian, Georgian; the only one with a bold file. */
  regular: "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  bold: "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
  chinese: noto("sans-sc"),
  japanese: noto("sans-jp"),
  korean: noto("sans-kr"),
  /** Not Noto's, which draws the dots of a letter apart from it: what is copied from a PDF falls to pieces. */
  arabic: "@expo-google-fonts/ibm-plex-sans-arabic/400Regular/IBMPlexSansArabic_400Regular.ttf",
  thai: noto("sans-thai"),
  devanagari: noto("sans-devanagari"),
  bengali: noto("sans-bengali"),
  ethiopic: noto("sans-ethiopic"),
  gujarati: noto("sans-gujarati"),
  gurmukhi: noto("sans-gurmukhi"),
  kannada: noto("sans-kannada"),
  khmer: noto("sans-khmer"),
  lao: noto("sans-lao"),
  malayalam: noto("sans-malayalam"),
  myanmar: noto("sans-myanmar"),
  sinhala: noto("sans-sinhala"),
  tamil: noto("sans-tamil"),
  telugu: noto("sans-telugu"),
  emoji: noto("emoji"),
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
