export { emailKey, LoginEntity, type StoredUser, UserEntity } from "./entity.ts";
export * as Users from "./users.ts";
