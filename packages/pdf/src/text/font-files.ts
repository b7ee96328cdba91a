import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Weight } from "./typesetter.ts";

type FontFiles = Readonly<Record<Weight, Uint8Array>>;

const FILES: Readonly<Record<Weight, string>> = {
  regular: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
};

let files: Promise<FontFiles> | undefined;

/**
 * The bytes of the font files. A function's bundle carries them in its folder `fonts`; elsewhere they come from the
 * package `dejavu-fonts-ttf`. Read once in a process; a failed read is tried again by the next call.
 */
export function loadFontFiles(): Promise<FontFiles> {
  files ??= readFontFiles().catch((error: unknown) => {
    files = undefined;
    throw error;
  });
  return files;
}

async function readFontFiles(): Promise<FontFiles> {
  const [regular, bold] = await Promise.all([
    readFile(fontPath(FILES.regular)),
    readFile(fontPath(FILES.bold)),
  ]);
  return { regular, bold };
}

function fontPath(file: string): string {
  const bundled = join(process.env.LAMBDA_TASK_ROOT ?? "", "fonts", file);
  if (process.env.LAMBDA_TASK_ROOT !== undefined && existsSync(bundled)) return bundled;
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${file}`);
}
