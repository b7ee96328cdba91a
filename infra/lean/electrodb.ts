import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { type Replacement, replacing } from "./replacement.ts";

/**
 * What we use of ElectroDB. A function knows all entities that its subjects name and needs a few of them: each comes
 * into being when it is first used, which takes a millisecond, not when the function is loaded.
 */
const entitiesWhenUsed: Replacement = {
  module: "electrodb",
  contents: () => `
    import { Entity as Made } from "electrodb/src/entity.js";
    export { createWriteTransaction } from "electrodb/src/transaction.js";
    export { CustomAttributeType } from "electrodb/src/schema.js";
    export function Entity(model, config) {
      let made;
      return new Proxy({}, {
        get(_, name) {
          made ??= new Made(model, config);
          const value = made[name];
          return typeof value === "function" ? value.bind(made) : value;
        },
      });
    }`,
};

/**
 * Leaves out its check of our models against its JSON schema: 30 KB, and time for each entity. The same models pass
 * that check in every test and script, which run unbundled.
 */
const modelsKnownGood: Replacement = {
  module: "jsonschema",
  contents: () => `
    export class Validator { addSchema() {} validate() { return { errors: [], valid: true }; } }
    Validator.prototype.customFormats = {};`,
};

/** Of the SDK's document commands, those that our entities send. 13 KB. */
const commandsInUse: Replacement = {
  module: "@aws-sdk/lib-dynamodb",
  importer: "/electrodb/",
  contents: () => `
    export { DeleteCommand, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand }
      from "@aws-sdk/lib-dynamodb";`,
};

export const electroReplacements = [entitiesWhenUsed, modelsKnownGood, commandsInUse] as const;

/**
 * ElectroDB as ES modules. It is written as CommonJS, and what that asks for comes whole, with all that this imports
 * in turn: 60 operations of the SDK and their schemas. 60 KB.
 */
const asEsModules: Plugin = {
  name: "electrodb as ES modules",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/electrodb\/src\/\w+\.js$/ }, ({ path }) => ({
      contents: esModule(readFileSync(path, "utf8"), path),
    }));
  },
};

/** Rewrites the few forms of CommonJS that ElectroDB is written in. @throws when something else is left */
export function esModule(code: string, path: string): string {
  const module = code
    .replace(/^const (\w+) = require\((["'].+["'])\);$/gm, "import * as $1 from $2;")
    .replace(/^const (\w+) = require\((["'].+["'])\)\.\1;$/gm, "import { $1 } from $2;")
    .replace(/^const (\{[\w\s,]+\}) = require\((["'].+["'])\);$/gm, "import $1 from $2;")
    .replace(/^module\.exports = (\{[\w\s,:]+\});?$/m, (_, names: string) => `export ${renamed(names)};`);
  if (/\brequire\(|\bexports\b/.test(module))
    throw new Error(`${path}: CommonJS in a form that is not known`);
  return module;
}

/** `{ model: validateModel }` → `{ validateModel as model }` */
const renamed = (names: string) => names.replace(/(\w+):\s*(\w+)/g, "$2 as $1");

export const leanElectro: readonly Plugin[] = [...electroReplacements.map(replacing), asEsModules];
