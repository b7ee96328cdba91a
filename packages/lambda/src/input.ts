import type { Middleware } from "./context.ts";

type Step = Parameters<NonNullable<Middleware["before"]>>[0];

/**
 * What an endpoint reads in the same request as user and session: keys that follow from its input. Answers what to
 * read; nothing when the input is not valid.
 */
export type ReadAhead<Read> = () => Promise<readonly Read[]>;

/** Finds what an endpoint reads ahead; undefined when it reads nothing. */
type ReadsOf<Read> = (name: string) => ((input: never) => readonly Read[]) | undefined;

/**
 * Parses and validates input: after the role is known, so that nobody is told about input who may not call. Where an
 * endpoint reads ahead, its input is checked before, and what is wrong with it is still told in this place.
 */
export function checkInput<Read>(steps: readonly Middleware[], readsOf: ReadsOf<Read>) {
  const check = async (request: Step) => {
    for (const step of steps) await step.before?.(request);
  };
  return {
    readAhead:
      (request: Step): ReadAhead<Read> =>
      async () => {
        const { context } = request.event;
        const reads = readsOf(context.name);
        if (!reads) return [];
        try {
          await check(request);
          context.checked = {};
          return reads(context.input as never);
        } catch (error) {
          context.checked = { error };
          return [];
        }
      },
    middleware: (): Middleware => ({
      before: async (request) => {
        const { checked } = request.event.context;
        if (!checked) await check(request);
        else if (checked.error !== undefined) throw checked.error;
      },
    }),
  };
}
