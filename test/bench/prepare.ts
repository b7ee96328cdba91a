import { spawnSync } from "node:child_process";
import { type Portfolio, serve } from "./cloud.ts";
import { databaseOf } from "./database.ts";
import { fill } from "./fill/fill.ts";
import type { HistoryName } from "./portfolio/history.ts";

/** Starts a cloud on a folder, so that its table is there, and answers what the table is. */
async function tableIn(folder: string) {
  const cloud = await serve(folder);
  const database = databaseOf(cloud.environment);
  const table = await database.described();
  database.close();
  await cloud.stop();
  return table;
}

/** Fills a new folder with a portfolio. */
export async function prepared(folder: string, size: number, history: HistoryName): Promise<Portfolio> {
  const from = performance.now();
  const table = await tableIn(folder);
  await fill(folder, { customers: size, history, now: new Date(), table });
  const seconds = Math.round((performance.now() - from) / 1000);

  const cloud = await serve(folder, "uncounted");
  const completed = spawnSync(process.execPath, ["test/bench/complete.ts", String(size)], {
    env: { ...process.env, ...cloud.environment },
    stdio: "inherit",
  });
  await cloud.stop();
  if (completed.status !== 0) throw new Error("The portfolio could not be completed");
  console.log(`${size} customers written in ${seconds} s`);
  return { size, history, folder };
}
