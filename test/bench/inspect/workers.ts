import { Session } from "node:inspector/promises";
import * as z from "zod";

/** A worker thread of this process, seen through the inspector. */
export interface Inspected {
  /** Sends a command of the DevTools protocol. Rejects when the thread refuses it, or ends before it answers. */
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
}

export interface Workers {
  all(): readonly Inspected[];
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

interface Waiting {
  resolve(result: Readonly<Record<string, unknown>>): void;
  reject(error: Error): void;
}

/** One thread's side of the session: numbers its commands, and hands each answer to who waits for it. */
function inspected(session: Session, sessionId: string) {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const send: Inspected["send"] = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      const message = JSON.stringify({ id, method, params });
      session.post("NodeWorker.sendMessageToWorker", { sessionId, message }).catch(reject);
    });
  const receive = ({ id = 0, result = {}, error }: Answer) => {
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  };
  const gone = () => {
    for (const { reject } of waiting.values()) reject(new Error("The thread has ended"));
  };
  return { send, receive, gone };
}

/**
 * Inspects all worker threads of this process: those that run, and those that start later, which wait until `begin` is
 * done with them.
 */
export async function workersOf(begin: (worker: Inspected) => Promise<void>): Promise<Workers> {
  const session = new Session();
  session.connect();
  const known = new Map<string, ReturnType<typeof inspected>>();
  const begun: Promise<void>[] = [];
  session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, waitingForDebugger } }) => {
    const worker = inspected(session, sessionId);
    known.set(sessionId, worker);
    const ready = begin(worker).then(async () => {
      if (waitingForDebugger) await worker.send("Runtime.runIfWaitingForDebugger");
    });
    // A thread that has ended meanwhile is no longer of interest.
    begun.push(ready.catch(() => undefined));
  });
  session.on("NodeWorker.detachedFromWorker", ({ params: { sessionId } }) => {
    known.get(sessionId)?.gone();
    known.delete(sessionId);
  });
  session.on("NodeWorker.receivedMessageFromWorker", ({ params: { sessionId, message } }) => {
    const answer: Answer = JSON.parse(message);
    known.get(sessionId)?.receive(answer);
  });
  await session.post("NodeWorker.enable", { waitForDebuggerOnStart: true });
  await Promise.all(begun);
  return {
    all: () => [...known.values()],
    async close() {
      await session.post("NodeWorker.disable");
      session.disconnect();
    },
  };
}

const Evaluated = z.object({ result: z.object({ value: z.string().default("") }) });

/** Which function a thread runs. */
export async function functionOf(worker: Inspected): Promise<string> {
  const expression = "process.env.AWS_LAMBDA_FUNCTION_NAME";
  return Evaluated.parse(await worker.send("Runtime.evaluate", { expression })).result.value;
}
