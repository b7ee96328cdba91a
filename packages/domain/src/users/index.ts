export * as Users from "./api.ts";
export { type ChangedUser, verifyCredentials } from "./api.ts";
export type { PasswordLinkStatus } from "./invitations.ts";
export { deactivatedAmong, toUser, usersAmong } from "./list.ts";
export { hashPassword } from "./password.ts";
export { createUser } from "./write.ts";
