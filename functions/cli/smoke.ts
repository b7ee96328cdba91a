// npm run smoke -- --url … --email …: the API test of a deployed stage. Walks every group of the contract, and takes away
// what it made.
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { apiOf, tokensOf } from "@success-manager/contract/api";
import { askPassword } from "./password-prompt.ts";
import { type Answer, findLost, type Step, steps, type Walk } from "./smoke-steps.ts";

const usage = `usage: npm run smoke -- --url <origin> --email <address> [options]
  --url <origin>     where the stage answers, such as https://api.example.com; http on this machine alone
  --email <address>  an admin or manager of the stage; a manager sees admins' endpoints refuse, which is enough
  --password-stdin   read the password from standard input; else from SMOKE_PASSWORD, else it is asked for
  --answer-survey    answer a survey, too: not on a stage whose figures count, for an answer stays`;

interface Options {
  readonly url: string;
  readonly email: string;
  readonly fromStdin: boolean;
  readonly answersSurveys: boolean;
}

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

/** @throws a sentence, when it is no address that a password may be sent to */
function originOf(url: string): string {
  if (!URL.canParse(url)) throw new Error("--url takes an origin, such as https://api.example.com.");
  const { protocol, hostname, origin, pathname, search, hash, username } = new URL(url);
  if (pathname !== "/" || search || hash || username)
    throw new Error("--url takes the origin alone, without a path.");
  if (protocol !== "https:" && !(protocol === "http:" && LOOPBACK.test(hostname)))
    throw new Error("--url must start with https://: a password is sent there.");
  return origin;
}

/** The arguments; undefined, after a word about it, when they make no sense. */
function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: "string" },
        email: { type: "string" },
        "password-stdin": { type: "boolean", default: false },
        "answer-survey": { type: "boolean", default: false },
      },
    });
    const { url, email } = values;
    if (!url || !email) throw new Error("--url and --email are needed.");
    return {
      url: originOf(url),
      email,
      fromStdin: values["password-stdin"],
      answersSurveys: values["answer-survey"],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

async function readPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await text(process.stdin)).replace(/\r?\n$/, "");
  return process.env.SMOKE_PASSWORD || askPassword("--password-stdin or SMOKE_PASSWORD");
}

/** A little longer than the gateway's 30 seconds: its answer says more than ours. */
const CALL_MS = 35_000;
/** How long to wait for all quotas and throttles together; an access token lives for 30 minutes. */
const PATIENCE_MS = 10 * 60_000;

/** Seconds, or a date (RFC 9110, 10.2.3); one second more each time where nothing is said, as by the gateway. */
function retryAfterMs({ headers }: Response, attempt: number): number {
  const said = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return Number.isNaN(ms) ? attempt * 1000 : Math.max(ms, 100);
}

/** Control characters of an answer would act on the terminal. */
const printable = (said: string) => said.replaceAll(/\p{C}/gu, "\u{FFFD}").slice(0, 500);

const messageOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return printable(`${error instanceof Error ? error.message : error}${cause}`);
};

/** Sends calls, waits where it is asked to, and knows the id of the last request. */
function patientSender() {
  let patience = PATIENCE_MS;
  const state: { signal: AbortSignal | undefined; requestId: string | undefined } = {
    signal: undefined,
    requestId: undefined,
  };
  const send: typeof fetch = async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      state.signal?.throwIfAborted();
      state.requestId = undefined;
      // A call that is on its way is not ended by Ctrl-C: what it makes would be nobody's.
      const answer = await fetch(input, { ...init, signal: AbortSignal.timeout(CALL_MS) });
      const { headers } = answer;
      state.requestId = headers.get("x-request-id") ?? headers.get("apigw-requestid") ?? undefined;
      if (answer.status !== 429) return answer;
      const wait = retryAfterMs(answer, attempt);
      if (wait > patience) return answer;
      patience -= wait;
      console.log(`      waits ${Math.ceil(wait / 1000)} s: too many requests`);
      await answer.body?.cancel();
      await pause(wait, undefined, state.signal && { signal: state.signal });
    }
  };
  const renewPatience = () => {
    patience = PATIENCE_MS;
  };
  return { send, state, renewPatience };
}

type Sender = ReturnType<typeof patientSender>;

/** Runs something, and prints a line about it; whether it went well. */
async function timed({ state }: Sender, title: string, run: () => Promise<void>): Promise<boolean> {
  const start = performance.now();
  const line = (outcome: string) =>
    console.log(
      `${outcome}  ${title.padEnd(66)} ${String(Math.round(performance.now() - start)).padStart(6)} ms`,
    );
  try {
    await run();
    line("ok  ");
    return true;
  } catch (error) {
    line("FAIL");
    console.log(`      ${messageOf(error)}`);
    if (state.requestId !== undefined) console.log(`      request id ${printable(state.requestId)}`);
    return false;
  }
}

const UNDO_ATTEMPTS = 3;

/** Takes something away. Fine when it is gone already: an answer may have been lost. */
async function takeAway(how: () => Promise<Answer>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await how().catch((error: unknown) => ({ status: 0, raw: messageOf(error) }));
    if ((answer.status > 0 && answer.status < 300) || answer.status === 404) return;
    if (attempt === UNDO_ATTEMPTS) throw new Error(`${answer.status} ${JSON.stringify(answer.raw)}`);
    await pause(attempt * 1000);
  }
}

type Undos = Map<string, () => Promise<Answer>>;

/**
 * Takes away what is left, last made first; answers what could not be.
 * @param failed the walk that did not end well: then it may have made things that it does not know
 */
async function cleanUp(sender: Sender, undos: Undos, failed: Walk | undefined): Promise<string[]> {
  const left: string[] = [];
  const tidy = async (title: string, run: () => Promise<void>) => {
    if (!(await timed(sender, title, run))) left.push(title);
  };
  sender.state.signal = undefined;
  sender.renewPatience();
  if (failed) await tidy("clean-up: look for what was made without an answer", () => findLost(failed));
  for (const [what, how] of [...undos].reverse()) await tidy(`clean-up: ${what}`, () => takeAway(how));
  return left;
}

async function signedIn({ url, email }: Options, password: string, send: typeof fetch) {
  const stranger = apiOf(url, undefined, undefined, send);
  const tokens = tokensOf((await stranger.auth.login({ form: { username: email, password } })).body());
  return { api: apiOf(url, tokens.access_token, undefined, send) };
}

/** Walks the stage; answers what went wrong. */
async function smoke(options: Options, password: string, stop: AbortSignal): Promise<string[]> {
  const sender = patientSender();
  const { send } = sender;
  sender.state.signal = stop;
  const undos: Undos = new Map();
  let sessions = 0;
  const signIn = async () => {
    const { api } = await signedIn(options, password, send);
    const session = `session ${++sessions}`;
    undos.set(session, () => api.auth.logout({ body: null }));
    return { api, session };
  };
  const failed: string[] = [];
  let walk: Walk | undefined;
  const ready = await timed(sender, "auth: sign in", async () => {
    const { api } = await signIn();
    const me = (await api.auth.me({})).body();
    walk = {
      ...{ me, api, signIn, signal: stop, made: {}, answersSurveys: options.answersSurveys },
      stranger: apiOf(options.url, undefined, undefined, send),
      name: `Smoke test ${randomUUID()}`,
      load: (url) => send(url),
      undo: (what, how) => void (undos.has(what) || undos.set(what, how)),
      undone: (what) => void undos.delete(what),
    };
    if (me.role === "viewer") throw new Error(`${me.email} may only read: take an admin or a manager.`);
  });
  const titleOf = ({ group, title }: Step) => `${group}: ${title}`;
  if (!ready) failed.push("auth: sign in");
  try {
    for (const step of ready ? steps : []) {
      const current = walk;
      if (stop.aborted || !current) break;
      if (step.when && !step.when(current)) continue;
      if (!(await timed(sender, titleOf(step), () => step.run(current)))) failed.push(titleOf(step));
    }
  } finally {
    const endedWell = failed.length === 0 && !stop.aborted;
    failed.push(...(await cleanUp(sender, undos, endedWell || !ready ? undefined : walk)));
  }
  return stop.aborted ? [...failed, "stopped before the end"] : failed;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  try {
    const password = await readPassword(options.fromStdin);
    const stopped = new AbortController();
    // Twice from a terminal: npm hands it on as well. So the second one does not end the clean-up either.
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.on(signal, () => stopped.abort(new Error("Stopped.")));
    const failed = await smoke(options, password, stopped.signal);
    console.log(failed.length === 0 ? "\nALL API TESTS PASSED!" : `\nFAILED:\n  ${failed.join("\n  ")}`);
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
}

process.exitCode = await main();
