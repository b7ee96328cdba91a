/** For the function that signs people in alone: the others need none of what asks a provider. */
export * as Oidc from "./log-in.ts";
