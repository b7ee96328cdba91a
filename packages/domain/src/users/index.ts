export { hashPassword } from "./password.ts";
export * as Users from "./users.ts";
export { insert } from "./write.ts";
