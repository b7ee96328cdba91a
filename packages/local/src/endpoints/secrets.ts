import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Secret } from "../resources/secrets.ts";
import { respondJson } from "./server.ts";

const Request = z.object({ SecretId: z.string() });

/** GetSecretValue of Secrets Manager's JSON protocol, by ARN or by name. */
export function createSecretsEndpoint(secrets: readonly Secret[]) {
  return {
    accepts: (message: IncomingMessage) => operationOf(message).startsWith("secretsmanager."),
    answer(message: IncomingMessage, body: string, response: ServerResponse) {
      if (operationOf(message) !== "secretsmanager.GetSecretValue") {
        const text = `${operationOf(message)} is not emulated`;
        return respondJson(response, 400, { __type: "InvalidRequestException", message: text });
      }
      const request = Request.safeParse(JSON.parse(body));
      const secret = secrets.find(
        ({ name, arn }) => name === request.data?.SecretId || arn === request.data?.SecretId,
      );
      if (secret === undefined) {
        const text = "Secrets Manager can't find the specified secret.";
        return respondJson(response, 400, { __type: "ResourceNotFoundException", message: text });
      }
      respondJson(response, 200, {
        ARN: secret.arn,
        Name: secret.name,
        SecretString: secret.value,
        VersionId: "00000000-0000-0000-0000-000000000000",
        VersionStages: ["AWSCURRENT"],
      });
    },
  };
}

function operationOf(message: IncomingMessage): string {
  return String(message.headers["x-amz-target"] ?? "");
}
