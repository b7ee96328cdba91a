import type { Plugin } from "esbuild";

/**
 * Takes the SDK's credentials from the environment alone, where Lambda puts them (and the local cloud too). The
 * usual chain also looks into profiles, SSO, STS, web identities and instance metadata: 130 KB that no function uses.
 */
const credentialsFromEnvironment = replacement(
  "@aws-sdk/credential-provider-node",
  `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
);

/**
 * Leaves out ElectroDB's check of our models against its JSON schema: 30 KB, and time at each cold start. The same
 * models pass that check in every test and script, which run unbundled.
 */
const modelsKnownGood = replacement(
  "jsonschema",
  `export class Validator { addSchema() {} validate() { return { errors: [], valid: true }; } }
   Validator.prototype.customFormats = {};`,
);

export const leanImports: readonly Plugin[] = [credentialsFromEnvironment, modelsKnownGood];

function replacement(name: string, contents: string): Plugin {
  return {
    name,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, ({ path, resolveDir }) => ({
        path,
        namespace: name,
        pluginData: resolveDir,
      }));
      build.onLoad({ filter: /.*/, namespace: name }, ({ pluginData }) => ({
        contents,
        resolveDir: pluginData,
      }));
    },
  };
}
