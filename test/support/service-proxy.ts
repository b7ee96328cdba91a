import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

/** A request to a service, as it came by. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** The function that asks; undefined for a test. */
  readonly asking: string | undefined;
}

/** What a service answers instead of doing what it is asked. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What becomes of the answer of a service that has done what it was asked: it comes after some milliseconds, or stops
 * in between, or the connection is reset instead, or another answer comes in its place.
 */
export type LostAnswer = { readonly afterMs: number } | "stalled" | "reset" | Refusal;

/** Something between the functions and a service such as S3 or SES. */
export interface ServiceProxy {
  readonly url: string;
  /** All that came by since the last call of `take`, refused or not. */
  take(): PassingRequest[];
  /** Where it leads; a service has its address only when the cloud has started. */
  forwardTo(service: string): void;
  /** Refuses what this says, until told otherwise. */
  refuse(refusal: Refusal | ((asked: PassingRequest) => Refusal | undefined) | undefined): void;
  /** Lets all through, and does this to the answers, until told otherwise. */
  loseAnswers(lost: LostAnswer | undefined): void;
  /** Holds what this is true of until it resolves; once. */
  hold(is: (asked: PassingRequest) => boolean, until: Promise<void>): void;
  close(): Promise<void>;
}

/**
 * A server ends a connection that has been idle for some seconds; who uses it at that very moment fails. On a slow
 * machine that is no rare moment, and functions of some tests try only once.
 */
const NEVER_IDLE = 0;
const FRESH_CONNECTION = false;

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Stands between the functions and a service, writes down what passes, and refuses what a test wants refused. */
export async function serviceProxy(): Promise<ServiceProxy> {
  let passed: PassingRequest[] = [];
  let target = new URL("http://127.0.0.1:9");
  let refusalOf: (asked: PassingRequest) => Refusal | undefined = () => undefined;
  let lost: LostAnswer | undefined;
  let held: { is: (asked: PassingRequest) => boolean; until: Promise<void> } | undefined;

  const server = createServer(async (incoming, outgoing) => {
    const bytes = await bytesOf(incoming);
    const { method = "", url: path = "", headers } = incoming;
    const asking = headers["x-amz-security-token"]?.toString();
    const asked = { method, path, body: bytes.toString("latin1"), asking };
    passed.push(asked);
    if (held?.is(asked)) {
      const { until } = held;
      held = undefined;
      await until;
    }
    const refusal = refusalOf(asked);
    if (refusal) {
      outgoing
        .writeHead(refusal.status, { "content-type": "text/xml", ...refusal.headers })
        .end(refusal.body);
      return;
    }
    const { hostname, port } = target;
    // The headers as they are, `host` included: it is signed.
    const connection = { hostname, port, agent: FRESH_CONNECTION, setHost: false };
    const onward = request({ ...connection, method, path, headers }, async (answer) => {
      const body = await bytesOf(answer);
      if (lost === "reset") return void incoming.socket.resetAndDestroy();
      if (lost === "stalled")
        return void outgoing.writeHead(answer.statusCode ?? 500, answer.headers).write(body.subarray(0, 5));
      if (lost && "status" in lost)
        return void outgoing.writeHead(lost.status, { "content-type": "text/xml" }).end(lost.body);
      if (lost) await setTimeout(lost.afterMs, undefined, { ref: false });
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(body);
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(bytes);
  });
  server.keepAliveTimeout = NEVER_IDLE;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = passed;
      passed = [];
      return taken;
    },
    forwardTo(service) {
      target = new URL(service);
    },
    refuse(refusal) {
      refusalOf = typeof refusal === "function" ? refusal : () => refusal;
    },
    loseAnswers(how) {
      lost = how;
    },
    hold(is, until) {
      held = { is, until };
    },
    close: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
