import { Agent, request } from "node:http";

/** What a test sends when the typed client would be too well-behaved. */
export interface Sent {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed; undefined when it is no JSON. */
  readonly json: unknown;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `sender("http://127.0.0.1:8000")("PUT", "/api/v1/auth/me", { token, body: "{" })`: any request, as it is. */
export const sender =
  (base: string) =>
  async (method: string, path: string, { token, headers, body }: Sent = {}): Promise<Received> => {
    const answer = await fetch(base + path, {
      method,
      redirect: "manual",
      headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
  };

export const JSON_BODY = { "content-type": "application/json" };
export const FORM_BODY = { "content-type": "application/x-www-form-urlencoded" };

/** What a test sends byte for byte: a header may come twice, and a body may belong to a GET. */
export interface SentRaw {
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Like `sender`, without what `fetch` corrects: for many requests, and for those that no browser would make. */
export function rawSender(base: string) {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true });
  return {
    send: (method: string, path: string, { headers, body }: SentRaw = {}): Promise<Received> =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? undefined : Buffer.byteLength(body);
        const sent = request(
          {
            ...{ hostname, port, agent, method, path },
            headers: {
              ...(headers as Record<string, string | string[]>),
              ...(length !== undefined && { "content-length": String(length) }),
            },
          },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("error", reject);
            answer.on("end", () => {
              const text = Buffer.concat(chunks).toString();
              const received = new Headers();
              for (const [name, values = []] of Object.entries(answer.headersDistinct))
                for (const value of values) received.append(name, value);
              resolve({ status: answer.statusCode ?? 0, headers: received, text, json: parsed(text) });
            });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
export type RawSend = ReturnType<typeof rawSender>["send"];

/** Does something for each, some at a time; answers the results in order. */
export async function inParallel<T, R>(
  all: readonly T[],
  most: number,
  run: (one: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = all.entries();
  const work = async () => {
    for (const [index, one] of entries) results[index] = await run(one, index);
  };
  await Promise.all(Array.from({ length: most }, work));
  return results;
}
