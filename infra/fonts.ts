import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { partFile } from "./lazy-parts.ts";

/** Of the package dejavu-fonts-ttf; the license asks to come along. */
const FILES = ["ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "LICENSE"];

/** The part of a bundle that prints. */
const PRINTER = partFile("@success-manager/pdf");

/**
 * `fonts/<file>` for the typefaces of printed documents, where the parts of a bundle print some; none elsewhere. The
 * printer finds them from `LAMBDA_TASK_ROOT`.
 */
export function fonts(root: string, parts: ReadonlyMap<string, unknown>): [string, Uint8Array][] {
  if (!parts.has(PRINTER)) return [];
  const require = createRequire(join(root, "package.json"));
  const folder = join(require.resolve("dejavu-fonts-ttf/package.json"), "..");
  return FILES.map((file) => [`fonts/${basename(file)}`, readFileSync(join(folder, file))]);
}
