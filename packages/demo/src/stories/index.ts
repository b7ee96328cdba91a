import { finance } from "./finance.ts";
import type { Story } from "./story.ts";
import { technology } from "./technology.ts";
import { telecommunications } from "./telecommunications.ts";

export type { Story } from "./story.ts";

/** Fifteen companies, five of each industry. Sarah manages eight, James seven. */
export const stories: readonly Story[] = [...telecommunications, ...technology, ...finance];
