import type { Plugin } from "esbuild";
import { leanSdk, sdkReplacements } from "./aws-sdk.ts";
import { electroReplacements, leanElectro } from "./electrodb.ts";
import { builtinsUnread } from "./node.ts";
import { ownModulesDeclare } from "./own.ts";
import type { Replacement } from "./replacement.ts";
import { withoutJsonSchemas, zodReplacements } from "./zod.ts";

/** Whether a function describes schemas as JSON. */
export const describesSchemas = (name: string) => name === "pages/docs";

/** Leaves out of bundles what no function uses, and puts off what few requests do. Each says what, and what for. */
export const lean: readonly Plugin[] = [builtinsUnread, ...leanSdk, ...leanElectro, ownModulesDeclare];

/** Likewise for functions that describe no schemas. */
export const leanest: readonly Plugin[] = [...lean, ...withoutJsonSchemas];

/** Installed modules that bundles have in another form; a test sees to it that there still are such modules. */
export const replacements: readonly Replacement[] = [
  ...sdkReplacements,
  ...electroReplacements,
  ...zodReplacements,
];
