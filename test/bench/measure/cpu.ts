import { calibrate } from "../calibration.ts";
import type { Call, Calls, Sent } from "../calls/index.ts";
import type { Running, Work } from "../cloud.ts";
import { type Row, timed } from "./timed.ts";

/** Code that runs often is compiled once more. */
const WARM_UP = 60;
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

async function rowOf(name: string, call: Call, running: Running, rounds: number): Promise<Row> {
  const [warmUp, allocating] = call.most === undefined ? [WARM_UP, ALLOCATING_ROUNDS] : [FEW, FEW];
  await send(running, await requestsOf(running, call, warmUp));
  const requests = await requestsOf(running, call, rounds);
  await running.settled();
  await running.worked();
  await send(running, requests);
  const { functions, gateway, others }: Work = await running.worked();
  const sampled = await requestsOf(running, call, allocating);
  await running.settled();
  await running.allocating();
  await send(running, sampled);
  const bytes = await running.allocated();
  return {
    call: name,
    "function CPU ms": sum(functions, (one) => !isStream(one)) / requests.length,
    "stream CPU ms": sum(functions, isStream) / requests.length,
    "gateway CPU ms": gateway / requests.length,
    "other threads' CPU ms": others / requests.length,
    "allocated KB": sum(bytes, (one) => !isStream(one)) / sampled.length / 1024,
  };
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
