import type { Sent } from "../calls/call.ts";
import type { Running } from "../cloud.ts";

/** A line of a table. */
export type Row = Record<string, string | number>;

type To = Pick<Running, "apiUrl" | "headers">;

/** Sends a request and answers the milliseconds until its answer is there. Throws when the call fails. */
export const timed = async (to: To, sent: Sent): Promise<number> => (await answered(to, sent)).ms;

/** The same, with the bytes of the answer's body. */
export async function answered(
  { apiUrl, headers }: To,
  { method = "GET", path, body, form }: Sent,
): Promise<{ readonly ms: number; readonly bytes: number }> {
  const request = {
    method,
    headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(form && { body: new URLSearchParams(form) }),
  };
  const from = performance.now();
  const answer = await fetch(`${apiUrl}/api/v1${path}`, request);
  const text = await answer.text();
  if (!answer.ok) {
    const { status } = answer;
    throw Object.assign(new Error(`${method} ${path}: ${status} ${text}`), { status });
  }
  return { ms: performance.now() - from, bytes: Buffer.byteLength(text) };
}

const OUT_OF_TIME = 503;

/** For `catch`: a request that took longer than a function may takes endlessly; any other failure is one. */
export function orEndless(error: unknown): number {
  if (error instanceof Error && "status" in error && error.status === OUT_OF_TIME)
    return Number.POSITIVE_INFINITY;
  throw error;
}
