export { type Theme, themesOf } from "./opinions.ts";

/** Its lexicon and what detects languages are large (1 MB), so requests load them when they are first needed. */
export const loadSentiment = () => import("./opinions.ts");
