import { Alias, type Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { LIVE } from "./policy.ts";

/**
 * The version of a function that is in use. Whoever calls a function calls this: a new version is out of everybody's
 * sight until the alias is moved to it, and what is in use can't be changed, only replaced.
 */
export function live(lambda: Lambda): Alias {
  const found = lambda.node.tryFindChild("Live");
  if (found instanceof Alias) return found;
  return new Alias(lambda, "Live", { aliasName: LIVE, version: lambda.currentVersion });
}
