export type * from "./document.ts";
export { render } from "./render.ts";
