// Credentials come from the environment alone, where Lambda puts them (and the local cloud too). The usual chain also
// looks into profiles, SSO, STS, web identities and instance metadata: 130 KB that no function uses. Like the chain,
// this one remembers what it found until it expires; reading the environment takes time with every request.
import { fromEnv } from "@aws-sdk/credential-provider-env";
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from "@smithy/core";

export const defaultProvider = (init) =>
  memoizeIdentityProvider(fromEnv(init), isIdentityExpired, doesIdentityRequireRefresh);
