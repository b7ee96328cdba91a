import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What can go wrong between the functions and the database; `docs` of each in `FAULTS`. */
export type Fault =
  | "throttled"
  | "server error"
  | "conflict"
  | "unprocessed"
  | "reset before"
  | "reset after"
  | "error after"
  | "slow"
  | "half an answer"
  | "no answer";

/** How often each happens, by weight. All but the last, which takes the SDK five seconds to notice. */
const USUAL: Readonly<Record<Fault, number>> = {
  /** Refused, nothing is done. */
  throttled: 4,
  /** 500, nothing is done. */
  "server error": 3,
  /** Another transaction is at the item; nothing is done. */
  conflict: 4,
  /** A batch is answered in part. */
  unprocessed: 3,
  /** The connection is reset, nothing is done. */
  "reset before": 2,
  /** It is done, and the connection is reset. */
  "reset after": 3,
  /** It is done, and answered by 500. */
  "error after": 3,
  /** Done, and answered a third of a second later. */
  slow: 2,
  /** Done, and the answer ends in its middle. */
  "half an answer": 2,
  /** Done, and never answered. */
  "no answer": 0,
};

export interface FaultProxy {
  /** For `dynamodbProxy` of the cloud. */
  proxy(target: string): Promise<{ url: string; close(): Promise<void> }>;
  /** From now on this share of requests fails, and of a hundred one begins a burst in which most do. */
  begin(share: number, weights?: Partial<Readonly<Record<Fault, number>>>): void;
  end(): void;
  /** How many of each there were. */
  readonly injected: ReadonlyMap<Fault, number>;
  readonly passed: number;
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Body {
  readonly TransactItems?: readonly unknown[];
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly unknown[] }>>;
}

const SINGLE_WRITES = ["PutItem", "UpdateItem", "DeleteItem"];
const BURST = { begins: 0.004, requests: 25, share: 0.85 };
const SLOW_MS = 300;

/**
 * Stands between the functions and the database and lets go wrong what can, by chance from a seed. Which request meets
 * which fault depends on their order as well, so a seed gives a similar run, not the same.
 */
export function faultProxy(seed: number): FaultProxy {
  const random = randomFrom(seed);
  const injected = new Map<Fault, number>();
  let passed = 0;
  let share = 0;
  let weights = USUAL;
  let burst = 0;

  function choose(operation: string, body: Body): Fault | undefined {
    if (share === 0) return undefined;
    if (burst === 0 && random() < BURST.begins) burst = BURST.requests;
    const chance = burst > 0 ? BURST.share : share;
    burst = Math.max(0, burst - 1);
    if (random() >= chance) return undefined;
    const isPossible = (fault: Fault) => {
      if (fault === "conflict")
        return operation === "TransactWriteItems" || SINGLE_WRITES.includes(operation);
      if (fault !== "unprocessed") return true;
      const [keys] = Object.values(body.RequestItems ?? {});
      return operation === "BatchGetItem" && (keys?.Keys?.length ?? 0) > 1;
    };
    const possible = (Object.entries(weights) as [Fault, number][]).filter(([fault]) => isPossible(fault));
    let left = random() * possible.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [fault, weight] of possible) {
      left -= weight;
      if (left < 0) return fault;
    }
    return undefined;
  }

  const fail = (outgoing: ServerResponse, status: number, type: string, more: object = {}) => {
    outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
    const __type = `com.amazonaws.dynamodb.v20120810#${type}`;
    outgoing.end(JSON.stringify({ __type, message: "injected", Message: "injected", ...more }));
  };

  return {
    injected,
    get passed() {
      return passed;
    },
    begin(chance, changed = {}) {
      share = chance;
      weights = { ...USUAL, ...changed };
    },
    end() {
      share = 0;
      burst = 0;
    },
    async proxy(target) {
      const { hostname, port } = new URL(target);
      const agent = new Agent({ keepAlive: true });
      const server = createServer(async (incoming, outgoing) => {
        const bytes = await bytesOf(incoming);
        const operation = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
        const body = JSON.parse(bytes.toString() || "{}") as Body;
        const fault = choose(operation, body);
        if (fault !== undefined) injected.set(fault, (injected.get(fault) ?? 0) + 1);
        else passed += 1;
        if (fault === "throttled")
          return fail(
            outgoing,
            400,
            random() < 0.5 ? "ProvisionedThroughputExceededException" : "ThrottlingException",
          );
        if (fault === "server error") return fail(outgoing, 500, "InternalServerError");
        if (fault === "reset before") return void incoming.socket.resetAndDestroy();
        if (fault === "conflict") {
          if (SINGLE_WRITES.includes(operation)) return fail(outgoing, 400, "TransactionConflictException");
          const reasons = (body.TransactItems ?? []).map(() => ({ Code: "None" }));
          reasons[Math.floor(random() * reasons.length)] = { Code: "TransactionConflict" };
          return fail(outgoing, 400, "TransactionCanceledException", { CancellationReasons: reasons });
        }
        const [sent, unprocessed] = fault === "unprocessed" ? split(bytes, body) : [bytes, undefined];
        const { host: _, ...headers } = incoming.headers;
        const onward = request(
          {
            ...{ hostname, port, agent, method: "POST", path: "/" },
            headers: { ...headers, host: `${hostname}:${port}`, "content-length": sent.length },
          },
          async (answer) => {
            const text = await bytesOf(answer);
            if (fault === "reset after") return void incoming.socket.resetAndDestroy();
            if (fault === "no answer") return undefined;
            if (fault === "error after") return fail(outgoing, 500, "InternalServerError");
            if (fault === "slow") await sleep(SLOW_MS);
            const { "x-amz-crc32": checksum, ...rest } = answer.headers;
            if (unprocessed !== undefined) {
              const whole = JSON.stringify({ ...JSON.parse(text.toString()), UnprocessedKeys: unprocessed });
              outgoing.writeHead(answer.statusCode ?? 500, {
                ...rest,
                "content-length": Buffer.byteLength(whole),
              });
              return void outgoing.end(whole);
            }
            outgoing.writeHead(answer.statusCode ?? 500, {
              ...rest,
              ...(checksum && { "x-amz-crc32": checksum }),
            });
            if (fault === "half an answer") {
              outgoing.write(text.subarray(0, Math.floor(text.length / 2)));
              return void setTimeout(() => incoming.socket.resetAndDestroy(), 5);
            }
            return void outgoing.end(text);
          },
        );
        onward.on("error", () => incoming.socket.destroy());
        onward.end(sent);
      });
      // Functions keep their connections; none ends while one of them is about to use it.
      server.keepAliveTimeout = 0;
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise<void>((done) => {
            agent.destroy();
            server.closeAllConnections();
            server.close(() => done());
          }),
      };
    },
  };
}

/** The first half of a batch's keys as a request, and the others as DynamoDB names what it did not do. */
function split(bytes: Buffer, { RequestItems = {} }: Body): readonly [Buffer, object | undefined] {
  const [[table, batch] = []] = Object.entries(RequestItems);
  if (table === undefined || batch?.Keys === undefined) return [bytes, undefined];
  const half = Math.ceil(batch.Keys.length / 2);
  const [done, left] = [batch.Keys.slice(0, half), batch.Keys.slice(half)];
  const whole = JSON.parse(bytes.toString());
  const first = { ...whole, RequestItems: { [table]: { ...batch, Keys: done } } };
  return [Buffer.from(JSON.stringify(first)), { [table]: { ...batch, Keys: left } }];
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
