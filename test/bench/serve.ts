import { createInterface } from "node:readline";
import { startCloud } from "@success-manager/local";
import { recorder } from "../support/recorder.ts";
import { assembly } from "../support/synthesize.ts";

/** How long a function of the stream may take for what is left to count. */
const SETTLED_MS = 120_000;

/**
 * A cloud in a process of its own, so that the one who measures takes none of its time: prints where it is, answers
 * questions on stdin line by line, and ends when stdin does. `asked` is answered with what the database was asked
 * since the last time, `settled` when everything written so far has been counted.
 *
 * `node serve.ts <data folder> [record] [uncounted]`; `record` counts requests, in one instance of each function;
 * `uncounted` leaves the stream alone.
 */
const [data = "", ...options] = process.argv.slice(2);
const record = options.includes("record");
const database = recorder();
const cloud = await startCloud({
  assembly,
  data,
  schedules: false,
  streams: !options.includes("uncounted"),
  maxInstances: record ? 1 : 2,
  environment: { LOG_LEVEL: "CRITICAL" },
  ...(record && { dynamodbProxy: database.proxy }),
});
const { apiUrl, environment } = cloud;
const say = (what: unknown) => console.log(JSON.stringify(what));

say({ apiUrl, environment });
for await (const question of createInterface({ input: process.stdin })) {
  if (question === "settled") await cloud.settled(SETTLED_MS);
  say(question === "asked" ? database.take() : []);
}
await cloud.stop();
