export * as Sessions from "./api.ts";
export { authenticate } from "./api.ts";
export * as ApiKeys from "./api-keys.ts";
export { keySpreadMs } from "./keys.ts";
export { rotateKey } from "./rotation.ts";
export * as SecondFactor from "./second-factor.ts";
export { ACCESS_SECONDS, derivedSecrets, REFRESH_SECONDS } from "./tokens.ts";
