import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { forbidden } from "@success-manager/contract/problem";
import type { Middleware } from "./context.ts";

/** What the edge adds to each request (infra/edge.ts): that it comes from there, and for whom. */
const SECRET_HEADER = "x-origin-secret";
const ADDRESS_HEADER = "true-client-ip";

/** Of one length whatever is hashed, so that a comparison takes the same time for each. */
const digest = (text: string) => createHash("sha256").update(text).digest();

/**
 * Where a stage has an edge, lets through only what comes from there, and takes the caller's address from it: the
 * gateway sees CloudFront's. Who calls the gateway directly does not know the secret, is answered 403, and none of
 * the headers counts.
 *
 * @param secrets `ORIGIN_SECRETS`: all that count now, separated by commas; while a secret is changed, there are
 *   several. Undefined for a stage without an edge
 * @throws when there is an edge and no secret: nobody would come from there
 */
export function edge(secrets = process.env.ORIGIN_SECRETS): Middleware {
  if (secrets === undefined) return { before: () => undefined };
  const accepted = secrets
    .split(",")
    .filter((secret) => secret !== "")
    .map(digest);
  if (accepted.length === 0) throw new Error("ORIGIN_SECRETS holds no secret");
  return {
    before: ({ event }) => {
      const { [SECRET_HEADER]: given = "", ...headers } = event.headers;
      const presented = digest(given);
      // All are compared: the time does not tell which one was right.
      const isOurs = accepted.map((secret) => timingSafeEqual(secret, presented)).includes(true);
      if (!isOurs) throw forbidden("This is not the API's public address.");
      event.headers = headers;
      const address = headers[ADDRESS_HEADER] ?? "";
      if (isIP(address) !== 0) event.requestContext.http.sourceIp = address;
    },
  };
}
