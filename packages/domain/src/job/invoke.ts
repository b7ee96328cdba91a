import type { LambdaClient } from "./lambda-client.ts";

let client: LambdaClient | undefined;

/**
 * Starts a job's Lambda in the background. The client is loaded when it is first needed: most requests never do.
 *
 * @param variable name of the environment variable that holds the function's name
 * @throws when the function can't be started; nothing has run then
 */
export async function startJob(variable: string, event: object): Promise<void> {
  const FunctionName = process.env[variable];
  if (!FunctionName) throw new Error(`${variable} is not set`);
  const { InvokeCommand, LambdaClient } = await import("./lambda-client.ts");
  client ??= new LambdaClient({});
  await client.send(
    new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
  );
}
