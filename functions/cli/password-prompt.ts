import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Problem } from "@success-manager/contract/problem";

/** Takes what the line editor would show, so that a password is not seen. */
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: nowhere(), terminal: true });
  process.stdout.write(question);
  const stopped = new AbortController();
  lines.once("SIGINT", () => stopped.abort());
  lines.once("close", () => stopped.abort());
  try {
    return await lines.question("", { signal: stopped.signal });
  } catch {
    throw new Problem(400, "No password given.");
  } finally {
    lines.close();
    process.stdout.write("\n");
  }
}

/**
 * Asks for a password, without showing it.
 * @param otherwise what to use where nobody can type
 * @throws when there is no terminal to ask on, and on Ctrl-C
 */
export async function askPassword(otherwise: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Problem(400, `There is no terminal to ask for a password on; use ${otherwise}.`);
  return ask("Password: ");
}

/**
 * Asks for a new password twice, without showing it.
 * @throws when there is no terminal to ask on, when the two differ, and on Ctrl-C
 */
export async function askTwice(): Promise<string> {
  const password = await askPassword("--generate");
  if ((await ask("Again: ")) !== password)
    throw new Problem(400, "The two passwords differ; nobody was created.");
  return password;
}
