export { mailAccountChanges } from "./account-mails.ts";
export * as Users from "./api.ts";
export { type ChangedUser, confirmPassword, verifyCredentials } from "./api.ts";
export { deleteAvatar } from "./avatar.ts";
export { findOrCreate, type ProvenPerson } from "./identities.ts";
export { deactivatedAmong, toUser, usersAmong } from "./list.ts";
export { hashPassword, requirePasswords, weaknessSaid } from "./password.ts";
export type { PasswordLinkStatus } from "./password-links.ts";
export { accountMail, createUser, type SecondFactorChange, updateUser } from "./write.ts";
