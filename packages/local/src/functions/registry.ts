import type { Pool } from "./pool.ts";

/** All functions of the cloud. */
export type Registry = {
  readonly names: readonly string[];
  /** By name, by ARN, or by partial ARN (`account:function:name`), each with or without a qualifier. */
  find(nameOrArn: string): Pool | undefined;
};

export function createRegistry(pools: readonly Pool[]): Registry {
  const byName = new Map(pools.map((pool) => [pool.definition.name, pool]));
  return {
    names: [...byName.keys()].sort(),
    find: (nameOrArn) => byName.get(nameOf(nameOrArn)),
  };
}

/**
 * The one function whose name ends with the given path: `jobs/health` means `…-jobs-health`. A full name is
 * itself. Undefined when none or several fit.
 */
export function functionNamed(path: string, names: readonly string[]): string | undefined {
  if (names.includes(path)) return path;
  const ending = `-${path.replaceAll("/", "-")}`;
  const found = names.filter((name) => name.endsWith(ending));
  return found.length === 1 ? found[0] : undefined;
}

function nameOf(nameOrArn: string): string {
  return /(?:^|:)function:([^:]+)/.exec(nameOrArn)?.[1] ?? nameOrArn.split(":")[0] ?? "";
}
