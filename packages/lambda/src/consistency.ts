import { CONSISTENCY_HEADER } from "@success-manager/contract/client";
import type { HttpEvent, HttpResult, Middleware } from "./context.ts";

/** What keeps track of the writes of a request. */
export interface Consistency {
  /** Begins a request, with the marks that its caller was given. */
  begin(marks: string | undefined): void;
  /** The mark of what the request has written; undefined when nothing that a list shows. */
  mark(): string | undefined;
}

/**
 * Callers read their own writes: the answer to a write carries a mark (`x-consistency`), and a request that brings it
 * sees what was written. An answer that failed has one, too: something may have been written by then.
 */
export function consistency({ begin, mark }: Consistency): Middleware {
  const add = (response: HttpResult | null | undefined) => {
    const written = mark();
    if (response && written !== undefined)
      response.headers = { ...response.headers, [CONSISTENCY_HEADER]: written };
  };
  return {
    // What the last request has written is nobody else's.
    before: () => begin(undefined),
    after: ({ response }) => add(response),
    onError: ({ response }) => add(response),
  };
}

/** Takes the marks of who is signed in: what they name is read, and a stranger must not make a function read. */
export const takeMarks = ({ begin }: Consistency): Middleware => ({
  before: ({ event }: { event: HttpEvent }) => {
    if (event.context.actor) begin(event.headers[CONSISTENCY_HEADER]);
  },
});
