// Credentials come from the environment alone, where Lambda puts them (and the local cloud too). The usual chain also
// looks into profiles, SSO, STS, web identities and instance metadata: 130 KB that no function uses.
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
