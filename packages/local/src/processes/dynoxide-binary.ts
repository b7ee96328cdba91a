import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/**
 * Path of the dynoxide binary: the npm package for this platform, else the PATH.
 * Throws a sentence that says what to do when there is none.
 */
export function findDynoxide(
  path = process.env.PATH ?? "",
  platform = `${process.platform}-${process.arch}`,
): string {
  const candidates = [packaged(platform), ...path.split(delimiter).map((folder) => join(folder, "dynoxide"))];
  const found = candidates.find((candidate) => candidate !== undefined && isExecutable(candidate));
  if (found !== undefined) return found;
  throw new Error(
    `no DynamoDB server for ${platform}: put the dynoxide binary on the PATH, ` +
      "or set AWS_ENDPOINT_URL_DYNAMODB to a running one (DynamoDB Local will do)",
  );
}

function packaged(platform: string): string | undefined {
  const name = `@dynoxide/${platform}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "dynoxide");
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
