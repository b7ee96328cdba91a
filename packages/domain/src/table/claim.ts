import { AsyncLocalStorage } from "node:async_hooks";
import type { Write } from "./write.ts";

/** Somebody else has what a request wants to claim: nothing of its change was written. */
export class ClaimRefused extends Error {
  override readonly name = "ClaimRefused";
}

/** What a request writes together with its first change, so that both happen or neither. */
export interface Claim {
  /**
   * The write that goes along with a change; undefined when none is needed any more.
   *
   * @param answer what the request will answer, where this change is all that it does
   */
  next(answer: object | undefined): Promise<Write | undefined>;
  /** Told once that write is done, with what was given to `next`. */
  written(answer: object | undefined): void;
  /** Whether nothing is claimed so far. */
  readonly isOpen: boolean;
}

interface Claiming {
  readonly claim: Claim;
  /** Changes of one request wait for each other until one has taken the claim along. */
  turn: Promise<unknown>;
}

/** The claim of what runs now. It goes with the calls of a request, not with the process, which may outlast them. */
const claims = new AsyncLocalStorage<{ claiming?: Claiming }>();

/** Runs a request that may claim something. */
export const withClaims = <T>(work: () => Promise<T>): Promise<T> => claims.run({}, work);

/** Has the next change of the running request take a claim along. Does nothing outside of `withClaims`. */
export function setClaim(claim: Claim): void {
  const store = claims.getStore();
  if (store) store.claiming = { claim, turn: Promise.resolve() };
}

/** Whether the next change of the running request takes a claim along. */
export const hasOpenClaim = (): boolean => claims.getStore()?.claiming?.claim.isOpen ?? false;

/** How a change is written; `most` items at once. Answers the indexes of those whose condition failed. */
interface Sender {
  readonly most: number;
  send(writes: readonly Write[]): Promise<readonly number[]>;
  /** Told what is about to be written with an answer, whose mark names it (`session.ts`). */
  announce(writes: readonly Write[]): void;
}

/**
 * Sends a change, with the claim of the running request when there is one.
 *
 * @throws ClaimRefused when somebody else has claimed the same
 */
export function sendWithClaim(
  writes: readonly Write[],
  answer: object | undefined,
  sender: Sender,
): Promise<readonly number[]> {
  const claiming = claims.getStore()?.claiming;
  if (!claiming) return sender.send(writes);
  const turn = claiming.turn.then(() => sendInTurn(claiming.claim, writes, answer, sender));
  claiming.turn = turn.catch(() => undefined);
  return turn;
}

async function sendInTurn(
  claim: Claim,
  writes: readonly Write[],
  answer: object | undefined,
  { most, send, announce }: Sender,
): Promise<readonly number[]> {
  if (answer) announce(writes);
  const write = await claim.next(answer);
  if (!write) return send(writes);
  // A full transaction has no room for it: then it goes first.
  const isFull = writes.length >= most;
  const failed = await send(isFull ? [write] : [...writes, write]);
  if (failed.includes(isFull ? 0 : writes.length)) throw new ClaimRefused();
  if (failed.length > 0) return failed;
  claim.written(isFull ? undefined : answer);
  return isFull ? send(writes) : failed;
}
