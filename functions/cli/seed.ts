// npm run seed: writes the demo accounts and data into the local cloud; what is there already stays as it is.
import { parseArgs } from "node:util";
import { type DemoAccount, isEmpty, presentAccounts, seed } from "@success-manager/demo";

const usage = `usage: npm run seed -- [--if-empty]
  --if-empty  do nothing when the table has users already`;

/** Whether to look first; undefined when the arguments make no sense. */
function onlyIfEmpty(): boolean | undefined {
  try {
    return parseArgs({ options: { "if-empty": { type: "boolean", default: false } } }).values["if-empty"];
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

/** True for an address that only this machine can reach. */
function isLoopback(url: string | undefined): boolean {
  if (!url || !URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The demo's passwords are public: whoever can reach the table could sign in. */
function refusal(): string | undefined {
  if (!isLoopback(process.env.AWS_ENDPOINT_URL_DYNAMODB))
    return "Demo data is for one machine only: AWS_ENDPOINT_URL_DYNAMODB must be an address such as http://127.0.0.1:8001. Use npm run seed while npm start runs.";
  if (!process.env.TABLE_NAME) return "TABLE_NAME is not set. Use npm run seed while npm start runs.";
  return undefined;
}

function table(accounts: readonly DemoAccount[]): string {
  const rows = accounts.map(({ email, password, role, full_name }) => [email, password, role, full_name]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`)
    .join("\n");
}

/** Writes what is missing, and says what that was. */
async function fill(): Promise<void> {
  const { users, customers, schedules } = await seed();
  console.log(
    users + customers + schedules === 0
      ? "The demo data is there already; nothing changed."
      : `Demo data: ${users} accounts, ${customers} customers and ${schedules} scheduled reports added.`,
  );
}

async function main(): Promise<number> {
  const ifEmpty = onlyIfEmpty();
  if (ifEmpty === undefined) return 2;
  const refused = refusal();
  if (refused) {
    console.error(refused);
    return 1;
  }
  if (!ifEmpty || (await isEmpty())) await fill();
  const accounts = await presentAccounts();
  if (accounts.length > 0)
    console.log(`\nDemo accounts, with the passwords they started with:\n\n${table(accounts)}`);
  return 0;
}

process.exitCode = await main();
