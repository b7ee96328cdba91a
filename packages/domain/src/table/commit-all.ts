import { commit, commitOne, type Write } from "./write.ts";

/**
 * Writes all or none: one write by itself, for half of its units and without waiting for other transactions, several as
 * `commit` does. Answers the indexes of those whose condition failed.
 *
 * One that the SDK repeats after a lost answer meets its own condition: only for writes that may happen twice, or whose
 * caller recognizes its own.
 */
export async function commitAll(writes: readonly Write[]): Promise<readonly number[]> {
  const [only, ...others] = writes;
  if (only === undefined) return [];
  if (others.length > 0 || "ConditionCheck" in only) return commit(writes);
  return (await commitOne(only)) ? [] : [0];
}
