// npm run invoke -- jobs/health events/daily-health.json: runs one function with one event, prints its result.
import { readFileSync } from "node:fs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Invoked } from "./cloud.ts";
import { assemblyFolder, dataFolder, runCommand } from "./commands/project.ts";
import { hold, type RunningCloud, runningCloud } from "./commands/running-cloud.ts";
import { synthesize } from "./commands/synthesis.ts";
import { functionNamed } from "./functions/registry.ts";
import { fillPlaceholders } from "./schedules/placeholders.ts";
import { startCloud } from "./start-cloud.ts";

await runCommand(async () => {
  const [path, file] = process.argv.slice(2);
  if (path === undefined || file === undefined)
    throw new Error("usage: npm run invoke -- <function> <event file>");
  const event: unknown = JSON.parse(fillPlaceholders(readFileSync(file, "utf8"), new Date()));
  const running = await runningCloud(dataFolder);
  const invoked =
    running === undefined ? await invokeAlone(path, event) : await invokeIn(running, path, event);
  if (invoked.logs !== "") console.error(invoked.logs.trimEnd());
  console.log(JSON.stringify(invoked.payload, null, 2));
  if (invoked.functionError === undefined) return 0;
  console.error(`${path} failed (${invoked.functionError})`);
  return 1;
});

async function invokeIn(cloud: RunningCloud, path: string, event: unknown): Promise<Invoked> {
  const FunctionName = nameOf(path, cloud.functions);
  const { environment } = cloud;
  const client = new LambdaClient({
    endpoint: environment.AWS_ENDPOINT_URL_LAMBDA,
    region: environment.AWS_REGION,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    },
    maxAttempts: 1,
  });
  const Payload = JSON.stringify(event);
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload, LogType: "Tail" }));
  return {
    payload: JSON.parse(answer.Payload?.transformToString() ?? "null"),
    logs: Buffer.from(answer.LogResult ?? "", "base64").toString(),
    ...(answer.FunctionError && { functionError: answer.FunctionError }),
  };
}

/** Starts a cloud on the same data for this one call, on free ports and without schedules. */
async function invokeAlone(path: string, event: unknown): Promise<Invoked> {
  const held = await hold(dataFolder);
  try {
    await synthesize();
    const cloud = await startCloud({
      assembly: assemblyFolder,
      data: dataFolder,
      schedules: false,
      endpoints: { dynamodb: process.env.AWS_ENDPOINT_URL_DYNAMODB },
    });
    try {
      return await cloud.invoke(nameOf(path, cloud.functions), event);
    } finally {
      await cloud.stop();
    }
  } finally {
    held.release();
  }
}

function nameOf(path: string, names: readonly string[]): string {
  const name = functionNamed(path, names);
  if (name !== undefined) return name;
  throw new Error(
    `no single function is called ${path}; there are:\n${names.map((item) => `  ${item}`).join("\n")}`,
  );
}
