import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to a service, as it came by. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What a service answers instead of doing what it is asked. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Something between the functions and a service such as S3 or SES. */
export interface ServiceProxy {
  readonly url: string;
  /** All that came by since the last call of `take`, refused or not. */
  take(): PassingRequest[];
  /** Where it leads; a service has its address only when the cloud has started. */
  forwardTo(service: string): void;
  /** Refuses what this says, until told otherwise. */
  refuse(refusal: Refusal | ((asked: PassingRequest) => Refusal | undefined) | undefined): void;
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
  let held: { is: (asked: PassingRequest) => boolean; until: Promise<void> } | undefined;

  const server = createServer(async (incoming, outgoing) => {
    const bytes = await bytesOf(incoming);
    const { method = "", url: path = "", headers } = incoming;
    const asked = { method, path, body: bytes.toString("latin1") };
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
    const onward = request({ ...connection, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
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
