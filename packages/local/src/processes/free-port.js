// @ts-check
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems hand out themselves: what takes any free port takes none of these. */
const [FIRST, LAST] = [10_000, 32_000];

/**
 * A port of 127.0.0.1 that was free a moment ago, for who can't take any and say which.
 *
 * @returns {Promise<number>}
 */
export function freePort() {
  const port = randomInt(FIRST, LAST);
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(freePort()));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(port)));
  });
}
