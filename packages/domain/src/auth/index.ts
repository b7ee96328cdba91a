export * as Sessions from "./sessions.ts";
export { authenticate } from "./sessions.ts";
