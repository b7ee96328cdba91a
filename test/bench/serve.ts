import { startCloud } from "@success-manager/local";
import { recorder } from "../support/recorder.ts";
import { assembly } from "../support/synthesize.ts";

/**
 * A cloud in a process of its own, so that the one who measures takes none of its time: prints where it is, answers
 * each line on stdin with what the database was asked since the last one, and ends when stdin does.
 *
 * `node serve.ts <data folder> <instances> [record]`
 */
const [data = "", instances = "2", record] = process.argv.slice(2);
const database = recorder();
const cloud = await startCloud({
  assembly,
  data,
  schedules: false,
  maxInstances: Number(instances),
  environment: { LOG_LEVEL: "CRITICAL" },
  ...(record && { dynamodbProxy: database.proxy }),
});
console.log(JSON.stringify({ apiUrl: cloud.apiUrl, environment: cloud.environment }));
for await (const _ of process.stdin) console.log(JSON.stringify(database.take()));
await cloud.stop();
