import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Weight } from "./text/typesetter.ts";

const FILES: Readonly<Record<Weight, string>> = {
  regular: "DejaVuSans.ttf",
  bold: "DejaVuSans-Bold.ttf",
};

let read: Promise<Readonly<Record<Weight, Uint8Array>>> | undefined;

/**
 * The font files. A function's bundle carries them in its folder `fonts`; elsewhere they come from the package
 * `dejavu-fonts-ttf`. Read once in a process.
 */
export function fontFiles(): Promise<Readonly<Record<Weight, Uint8Array>>> {
  read ??= readAll().catch((failure: unknown) => {
    read = undefined;
    throw failure;
  });
  return read;
}

async function readAll(): Promise<Readonly<Record<Weight, Uint8Array>>> {
  const [regular, bold] = await Promise.all([readFile(pathOf(FILES.regular)), readFile(pathOf(FILES.bold))]);
  return { regular, bold };
}

function pathOf(file: string): string {
  const bundled = join(process.env.LAMBDA_TASK_ROOT ?? "", "fonts", file);
  if (process.env.LAMBDA_TASK_ROOT !== undefined && existsSync(bundled)) return bundled;
  return createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${file}`);
}
