import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { requireDynoxide } from "../../../packages/local/src/processes/dynoxide-binary.ts";

/**
 * Makes a database file of an export, and removes the export.
 *
 * @param source a folder with the exported files
 * @param schema a file with the definition of the table, as `DescribeTable` answers it
 */
export async function imported(source: string, schema: string, output: string): Promise<void> {
  await promisify(execFile)(await requireDynoxide(), [
    "import",
    "--source",
    source,
    "--schema",
    schema,
    "--output",
    output,
  ]);
  await rm(source, { recursive: true });
}
