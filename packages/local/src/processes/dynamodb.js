// @ts-check
// Child process: dynoxide (DynamoDB's protocol on SQLite), ended with its parent.
// Arguments: path of the binary, path of the database file, port (0: any).
import { spawn } from "node:child_process";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { indexStreamRecords, trimStreamRecords } from "./dynoxide-streams.js";
import { freePort } from "./free-port.js";
import { onParentExit, reportReady } from "./parent-exit.js";

const [binary = "dynoxide", file = "", given = "0"] = process.argv.slice(2);
// It can't say itself which port it has taken.
const port = Number(given) || (await freePort());
const database = spawn(binary, ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", file], {
  stdio: ["ignore", 2, 2],
});
/** @type {PromiseWithResolvers<void>} */
const { promise: ended, resolve } = Promise.withResolvers();
database.on("exit", (code, signal) => {
  process.stderr.write(`dynoxide ended (${signal ?? `exit ${code}`})\n`);
  process.exitCode = 1;
  resolve();
});
database.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
  resolve();
});

onParentExit(async () => {
  database.kill("SIGTERM");
  const killer = setTimeout(() => database.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(killer);
});
void ended.then(() => process.exit());

while (!(await answers())) await sleep(5);
indexStreamRecords(file);
trimStreamRecords(file);
reportReady(port);

/**
 * Not by `fetch`, which takes longer to load than dynoxide takes to start.
 *
 * @returns {Promise<boolean>}
 */
function answers() {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
