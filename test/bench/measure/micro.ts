import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import type { Running } from "../cloud.ts";
import type { Row } from "./timed.ts";

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number()])));

/** What every call is made of, each by itself; see `micro.ts`. */
export async function micro({ environment, headers, customer }: Running): Promise<Row[]> {
  const token = headers.authorization?.replace("Bearer ", "") ?? "";
  const { stdout } = await promisify(execFile)(process.execPath, ["test/bench/micro.ts", token, customer], {
    env: { ...process.env, ...environment },
  });
  return Rows.parse(JSON.parse(stdout));
}
