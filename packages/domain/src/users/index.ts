export * as Users from "./api.ts";
export { verifyCredentials } from "./api.ts";
export { deactivatedAmong, toUser } from "./list.ts";
export { hashPassword } from "./password.ts";
export { createUser } from "./write.ts";
