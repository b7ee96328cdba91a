export * as Audit from "./api.ts";
export { isNoted, isPersonal, isSecret, RULES, UNAUDITED } from "./entry.ts";
export { eraseActor, eraseFrom } from "./erase.ts";
export { noteFailedSignIn } from "./sign-ins.ts";
