import type { Plugin } from "esbuild";
import { leftOut, type Replacement, replacing } from "./replacement.ts";

/** Schemas described as JSON. 17 KB. */
export const zodReplacements: readonly Replacement[] = ["to-json-schema", "json-schema-processors"].map(
  (file) => ({ module: `../core/${file}.js`, importer: "/zod/v4/classic/", contents: leftOut() }),
);

export const withoutJsonSchemas: readonly Plugin[] = zodReplacements.map(replacing);
