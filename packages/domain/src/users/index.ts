export * as Users from "./api.ts";
export { type ChangedUser, verifyCredentials } from "./api.ts";
export { findOrCreate, type ProvenPerson } from "./identities.ts";
export type { PasswordLinkStatus } from "./invitations.ts";
export { deactivatedAmong, toUser } from "./list.ts";
export { hashPassword, requirePasswords } from "./password.ts";
export { createUser } from "./write.ts";
