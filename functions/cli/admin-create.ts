// npm run admin:create -- --email … --name …: the first admin of a stage, or of the local cloud.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { Problem } from "@success-manager/contract/problem";
import { NewUser } from "@success-manager/contract/users";
import { friendlyError } from "./friendly-error.ts";
import { askTwice } from "./password-prompt.ts";
import { enterStage, rerunInLocalCloud, tableName } from "./target.ts";

const usage = `usage: npm run admin:create -- --email <address> --name <full name> [options]
  --stage <stage>  a deployed stage, such as prod; without it, the cloud that npm start runs
  --generate       make up a password and show it once, instead of asking for one`;

interface Options {
  readonly email: string;
  readonly name: string;
  readonly stage: string | undefined;
  readonly generate: boolean;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { email, name, stage, generate } = parseArgs({
      options: {
        email: { type: "string" },
        name: { type: "string" },
        stage: { type: "string" },
        generate: { type: "boolean", default: false },
      },
    }).values;
    if (!email || !name) throw new Error("--email and --name are needed.");
    enterStage(stage);
    return { email, name, stage, generate };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

const refusal = ({ issues }: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }) =>
  new Problem(422, issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("\n"));

async function create({ email, name, stage, generate }: Options): Promise<void> {
  // The domain reads the table's name when it is loaded.
  if (stage !== undefined) process.env.TABLE_NAME = tableName(stage);
  const { Users } = await import("@success-manager/domain/users");
  const admin = { email, full_name: name, role: "admin" } as const;
  // Before anybody types a password for nothing.
  const person = NewUser.omit({ password: true }).safeParse(admin);
  if (!person.success) throw refusal(person.error);
  // 24 characters of 64: 144 bits.
  const password = generate ? randomBytes(18).toString("base64url") : await askTwice();
  const user = NewUser.safeParse({ ...admin, password });
  if (!user.success) throw refusal(user.error);
  const created = await Users.create(user.data);
  console.log(`${created.full_name} <${created.email}> is an admin of ${stage ?? "the local cloud"} now.`);
  if (generate) console.log(`Password, shown this once: ${password}`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.stage === undefined && !process.env.TABLE_NAME) return rerunInLocalCloud();
  try {
    await create(options);
    return 0;
  } catch (error) {
    console.error(friendlyError(error, "GetItem, PutItem and UpdateItem"));
    return 1;
  }
}

process.exitCode = await main();
