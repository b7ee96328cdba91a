import { assets } from "../site/assets.ts";

/** The style, the script and the mark of the page. */
export const files = assets(`${import.meta.dirname}/assets`, "/survey/assets");
