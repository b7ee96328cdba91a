import { calibrate } from "../calibration.ts";
import type { Call, Calls, Sent } from "../calls/index.ts";
import type { Running, Work } from "../cloud.ts";
import { type Row, timed } from "./timed.ts";

/** Code that runs often is compiled once more. */
export const WARM_UP = 60;
/** Allocations hardly differ from one call to the next. */
const ALLOCATING_ROUNDS = 20;
/** Of both, where an address may call no more often in a minute: two such calls follow each other. */
const FEW = 10;

/** The requests of a call for so many rounds, with what they need; neither is measured. */
export async function requestsOf(running: Running, { prepare, most }: Call, wanted: number): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let round = 0; round < Math.min(wanted, most ?? wanted); round++) sent.push(await prepare(running));
  return sent;
}

/** What follows the stream is no function of the API. */
const isStream = (name: string) => name.includes("-streams-");
const sum = (functions: Readonly<Record<string, number>>, takes: (name: string) => boolean) =>
  Object.entries(functions).reduce((total, [name, value]) => total + (takes(name) ? value : 0), 0);

async function send(running: Running, requests: readonly Sent[]): Promise<void> {
  for (const request of requests) await timed(running, request);
  await running.settled();
}

/** What a call cost in processor time, on average. */
export interface Cost {
  readonly "function CPU ms": number;
  readonly "stream CPU ms": number;
  readonly "gateway CPU ms": number;
  readonly "other threads' CPU ms": number;
}

export const costOf = ({ functions, gateway, others }: Work, calls: number): Cost => ({
  "function CPU ms": sum(functions, (one) => !isStream(one)) / calls,
  "stream CPU ms": sum(functions, isStream) / calls,
  "gateway CPU ms": gateway / calls,
  "other threads' CPU ms": others / calls,
});

/** KB that the function of a call allocates for it. */
export async function allocatedBy(running: Running, call: Call): Promise<number> {
  const requests = await requestsOf(running, call, call.most === undefined ? ALLOCATING_ROUNDS : FEW);
  await running.settled();
  await running.allocating();
  await send(running, requests);
  const bytes = await running.allocated();
  return sum(bytes, (one) => !isStream(one)) / requests.length / 1024;
}

async function rowOf(name: string, call: Call, running: Running, rounds: number): Promise<Row> {
  await send(running, await requestsOf(running, call, call.most === undefined ? WARM_UP : FEW));
  const requests = await requestsOf(running, call, rounds);
  await running.settled();
  await running.worked();
  await send(running, requests);
  const cost = costOf(await running.worked(), requests.length);
  return { call: name, ...cost, "allocated KB": await allocatedBy(running, call) };
}

/**
 * What each call costs in processor time, over one connection: of its function, which is what Lambda bills, of the
 * function of the stream, of the gateway with what reads the stream, and of V8's own threads. The clock of a thread
 * stands still while it waits, so that other work on the machine hardly matters.
 */
export async function cpu(calls: Calls, running: Running, rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, call] of Object.entries(calls)) {
    await calibrate([running]);
    rows.push(await rowOf(name, call, running, rounds));
  }
  return rows;
}
