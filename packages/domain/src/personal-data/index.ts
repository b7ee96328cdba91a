export * as PersonalData from "./api.ts";
export { personalDataJob } from "./run.ts";
