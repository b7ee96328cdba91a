// Child process: dynoxide (DynamoDB's protocol on SQLite) on a leash.
// Arguments: path of the binary, path of the database file.
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithParent, reportReady } from "./leash.ts";
import { freePort } from "./port.ts";
import { indexStreamRecords } from "./stream-index.ts";
import { trimStreamRecords } from "./stream-trim.ts";

const [binary = "dynoxide", file = ""] = process.argv.slice(2);
const port = await freePort();
const database = spawn(binary, ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", file], {
  stdio: ["ignore", 2, 2],
});
const ended = new Promise<void>((resolve) => {
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
});

endWithParent(async () => {
  database.kill("SIGTERM");
  const killer = setTimeout(() => database.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(killer);
});
void ended.then(() => process.exit());

while (!(await answers())) await sleep(20);
indexStreamRecords(file);
trimStreamRecords(file);
reportReady(port);

function answers(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
