import { readdirSync, readFileSync } from "node:fs";

const KB_PER_MB = 1024;

/** The parent of each process of this machine. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The name of the program stands in brackets, and may hold anything.
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    found.set(Number(name), Number(parent));
  }
  return found;
}

/** A process and all that it has started, and these in turn. */
function family(pid: number): number[] {
  const all = parents();
  const members = [pid];
  for (const member of members) for (const [child, parent] of all) if (parent === member) members.push(child);
  return members;
}

/**
 * Memory of a process and of all that it has started, in MB: what lies in memory, and of what several of them share
 * (the program, libraries) each one's part, so that nothing counts twice (`Pss` of proc_pid_smaps_rollup(5)). Not a
 * number where there is no Linux to tell.
 */
export function memoryOf(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  const sizes = family(pid).map((member) =>
    Number(/^Pss: +(\d+) kB$/m.exec(read(`/proc/${member}/smaps_rollup`))?.[1] ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / KB_PER_MB;
}

/** Empty when the process has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
