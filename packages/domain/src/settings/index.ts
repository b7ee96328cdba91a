export * as Settings from "./api.ts";
export { loadSettings, settingsOf, settingsRequest } from "./read.ts";
