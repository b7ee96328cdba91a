export * as Audit from "./api.ts";
export { noteFailedSignIn } from "./sign-ins.ts";
