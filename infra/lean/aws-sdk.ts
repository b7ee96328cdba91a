import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { leftOut, type Replacement, replacing } from "./replacement.ts";

/**
 * Takes the SDK's credentials from the environment alone, where Lambda puts them (and the local cloud too). The
 * usual chain also looks into profiles, SSO, STS, web identities and instance metadata: 130 KB that no function uses.
 */
const credentialsFromEnvironment: Replacement = {
  module: "@aws-sdk/credential-provider-node",
  contents: () => `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
};

/** DynamoDB is where its name says; to ask it for another endpoint is off unless somebody turns it on. 9 KB. */
const noEndpointDiscovery: Replacement = {
  module: "@aws-sdk/middleware-endpoint-discovery",
  contents: leftOut({
    NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS:
      "{ environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined }",
    resolveEndpointDiscoveryConfig: "(config) => config",
  }),
};

/** Nothing that we ask for is answered with a stream of events. 15 KB. */
const noEventStreams: Replacement = {
  module: "@smithy/core/event-streams",
  contents: leftOut({ resolveEventStreamSerdeConfig: "(config) => config" }),
};

/** SHA-256 in JavaScript is for a Node without its own. 3 KB. */
const hashesOfNode: Replacement = {
  module: "./Sha256Js",
  importer: "/@smithy/core/",
  contents: leftOut(),
};

/** All that a client reads in its package.json is its version, for the user agent. 2 KB each. */
const versionAlone: Replacement = {
  module: "../package.json",
  importer: "/@aws-sdk/client-",
  contents(path) {
    const { version }: { readonly version: string } = JSON.parse(readFileSync(path, "utf8"));
    return `export default { version: ${JSON.stringify(version)} };`;
  },
};

export const sdkReplacements = [
  credentialsFromEnvironment,
  noEndpointDiscovery,
  noEventStreams,
  hashesOfNode,
  versionAlone,
] as const;

/** Errors that hold more than a message, and so are read by their schema: what failed, why a transaction was canceled. */
const READ_BY_SCHEMA = ["ConditionalCheckFailedException", "TransactionCanceledException"];

/**
 * Leaves out a class and a schema for each error of a service. An error that has none comes as the service's general
 * one, with its own name, and by the name we tell them apart. 18 KB.
 */
export const errorsByName: Plugin = {
  name: "errors by name",
  setup({ onLoad }) {
    const filter = /\/@aws-sdk\/client-(dynamodb|secrets-manager)\/dist-es\/schemas\/schemas_0\.js$/;
    onLoad({ filter }, ({ path }) => ({ contents: withoutErrors(readFileSync(path, "utf8"), path) }));
  },
};

/** @throws when the code registers no error in the way that is looked for */
export function withoutErrors(code: string, path: string): string {
  const declared = /^export var (\w+)\$ = \[-3, n0, [^;]*\];\nn0_registry\.registerError\(\1\$, \1\);$/gm;
  const lean = code.replace(declared, (declaration, name: string) =>
    READ_BY_SCHEMA.includes(name) ? declaration : "",
  );
  if (lean === code) throw new Error(`${path}: registers errors in another way`);
  return lean;
}

export const leanSdk: readonly Plugin[] = [...sdkReplacements.map(replacing), errorsByName];
