export * as Users from "./api.ts";
export { hashPassword } from "./password.ts";
export { createUser } from "./write.ts";
