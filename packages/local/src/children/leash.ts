import { setTimeout as sleep } from "node:timers/promises";

/**
 * A child is held by its standard input: the pipe closes when the parent ends, however it ends (also by
 * SIGKILL, when no handler of the parent can run). `end` then has a moment to close things in order.
 */
export function endWithParent(end: () => void | Promise<void>): void {
  const finish = async () => {
    await Promise.race([Promise.resolve(end()).catch(() => undefined), sleep(3000)]);
    process.exit(0);
  };
  process.stdin.on("end", finish);
  process.stdin.on("error", finish);
  process.stdin.resume();
}

/** Tells the parent that the server of this child answers, and where. */
export function reportReady(port: number): void {
  process.stdout.write(`ready ${port}\n`);
}
