export * as Sessions from "./api.ts";
export { authenticate } from "./api.ts";
