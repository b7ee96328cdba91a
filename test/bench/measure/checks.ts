import { type JobId, jobs } from "@success-manager/contract/jobs";
import * as z from "zod";
import type { Running } from "../cloud.ts";
import { invoked } from "./invoked.ts";
import type { Row } from "./timed.ts";

const Checked = z.object({
  opened: z.number(),
  updated: z.number(),
  resolved: z.number(),
  failed: z.number(),
  finished: z.literal(true),
});

const CHECKS = jobs.map(({ id }) => id).filter((id) => id.endsWith("_check"));

/** What a check did, and how long it took. */
interface Done {
  readonly seconds: number;
  readonly opened: number;
  readonly changed: number;
  readonly failed: number;
}

async function check(running: Running, id: JobId): Promise<Done> {
  const { progress, seconds } = await invoked(running, id);
  const { opened, updated, resolved, failed } = Checked.parse(progress);
  return { seconds, opened, changed: updated + resolved, failed };
}

const sum = (figures: Readonly<Record<string, number>>) =>
  Object.values(figures).reduce((total, figure) => total + figure, 0);

/** All checks in one request. */
async function checkAll({ api }: Running): Promise<Done> {
  const from = performance.now();
  const { alerts_created, alerts_updated, alerts_resolved } = (await api.alerts.runChecks({})).body();
  const seconds = (performance.now() - from) / 1000;
  const changed = sum(alerts_updated) + sum(alerts_resolved);
  return { seconds, opened: sum(alerts_created), changed, failed: 0 };
}

/**
 * Each check of the whole portfolio twice: a first run, in which a function that has to load directory and alerts opens
 * all that is due, and a rerun of the same function, which has nothing to do. Then all of them in a request of the
 * API, twice as well; for these nothing is left to do.
 */
export async function checks(running: Running): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (name: string, run: () => Promise<Done>) => {
    const first = await run();
    const rerun = await run();
    rows.push({
      customers: running.size,
      check: name,
      opened: first.opened,
      failed: first.failed,
      "first run s": first.seconds,
      "rerun s": rerun.seconds,
      "written by the rerun": rerun.opened + rerun.changed,
    });
  };
  for (const id of CHECKS) await measure(id, () => check(running, id));
  await measure("POST /alerts/run-checks", () => checkAll(running));
  return rows;
}
