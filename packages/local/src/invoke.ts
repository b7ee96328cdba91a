// npm run invoke -- jobs/health events/daily-health.json: runs one function with one event, prints its result.
import { readFileSync } from "node:fs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Invocation } from "./cloud.ts";
import { lockData, type RunningCloud, runningCloud } from "./commands/lock.ts";
import { assemblyFolder, dataFolder, root, runCommand } from "./commands/project.ts";
import { synthesize } from "./commands/synthesis.ts";
import { functionNamed } from "./functions/pool.ts";
import { requireDynoxide } from "./processes/dynoxide-binary.ts";
import { fillPlaceholders } from "./schedules/scheduler.ts";
import { startCloud } from "./start-cloud.ts";

await runCommand(async () => {
  const [path, file] = process.argv.slice(2);
  if (path === undefined || file === undefined)
    throw new Error("usage: npm run invoke -- <function> <event file>");
  const event: unknown = JSON.parse(fillPlaceholders(readFileSync(file, "utf8"), new Date()));
  const running = await runningCloud(dataFolder);
  const invocation =
    running === undefined
      ? await invokeInNewCloud(path, event)
      : await invokeInRunningCloud(running, path, event);
  if (invocation.logs !== "") console.error(invocation.logs.trimEnd());
  console.log(JSON.stringify(invocation.payload, null, 2));
  if (invocation.functionError === undefined) return 0;
  console.error(`${path} failed (${invocation.functionError})`);
  return 1;
});

async function invokeInRunningCloud(cloud: RunningCloud, path: string, event: unknown): Promise<Invocation> {
  const FunctionName = requireFunctionName(path, cloud.functions);
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
  const response = await client.send(new InvokeCommand({ FunctionName, Payload, LogType: "Tail" }));
  return {
    payload: JSON.parse(response.Payload?.transformToString() ?? "null"),
    logs: Buffer.from(response.LogResult ?? "", "base64").toString(),
    ...(response.FunctionError && { functionError: response.FunctionError }),
  };
}

/** Starts a cloud on the same data for this one call, on free ports and without schedules. */
async function invokeInNewCloud(path: string, event: unknown): Promise<Invocation> {
  const lock = await lockData(dataFolder);
  try {
    const dynamodb = process.env.AWS_ENDPOINT_URL_DYNAMODB;
    if (dynamodb === undefined) await requireDynoxide({ log: console.error });
    await synthesize(root);
    const cloud = await startCloud({
      assembly: assemblyFolder,
      data: dataFolder,
      schedules: false,
      endpoints: { dynamodb },
    });
    try {
      return await cloud.invoke(requireFunctionName(path, cloud.functions), event);
    } finally {
      await cloud.stop();
    }
  } finally {
    lock.release();
  }
}

function requireFunctionName(path: string, names: readonly string[]): string {
  const name = functionNamed(path, names);
  if (name !== undefined) return name;
  throw new Error(
    `no single function is called ${path}; there are:\n${names.map((item) => `  ${item}`).join("\n")}`,
  );
}
