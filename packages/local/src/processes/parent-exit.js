// @ts-check
import { setTimeout as sleep } from "node:timers/promises";

/** How long a child may take to close things in order, in milliseconds. */
const CLOSE_LIMIT_MS = 3000;

/**
 * Ends this process when its parent ends, however the parent ends (also by SIGKILL, when no handler of the parent
 * can run): the pipe on standard input closes then. `close` has three seconds to close things in order.
 *
 * @param {() => void | Promise<void>} close
 */
export function onParentExit(close) {
  const finish = async () => {
    await Promise.race([Promise.resolve(close()).catch(() => undefined), sleep(CLOSE_LIMIT_MS)]);
    process.exit(0);
  };
  process.stdin.on("end", finish);
  process.stdin.on("error", finish);
  process.stdin.resume();
}

/**
 * Tells the parent that the server of this child answers, and where.
 *
 * @param {number} port
 */
export function reportReady(port) {
  process.stdout.write(`ready ${port}\n`);
}
