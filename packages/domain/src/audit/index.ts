export * as Audit from "./api.ts";
export { isNoted, isPersonal, isSecret, RULES, UNAUDITED } from "./entry.ts";
export { noteFailedSignIn } from "./sign-ins.ts";
