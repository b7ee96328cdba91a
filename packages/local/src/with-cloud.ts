// Runs a command with the environment of the cloud that `npm start` runs: with-cloud.ts <command> [arguments…]
import { spawn } from "node:child_process";
import { runningCloud } from "./commands/lock.ts";
import { dataFolder, runCommand } from "./commands/project.ts";

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) throw new Error("usage: with-cloud.ts <command> [arguments…]");
  const cloud = await runningCloud(dataFolder);
  if (cloud === undefined) throw new Error("no local cloud is running; start one with: npm start");
  const env = { ...process.env, ...cloud.environment, ...chosenEndpoints() };
  // A profile of the person's own would outrank the local credentials.
  delete env.AWS_PROFILE;
  const child = spawn(command, args, { env, stdio: "inherit" });
  // The command gets Ctrl-C from the terminal too; its exit code is ours.
  process.on("SIGINT", () => undefined);
  return new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once("exit", (code) => resolve(code ?? 1));
  });
});

/** Addresses that somebody has set on purpose stay; credentials and names come from the cloud. */
function chosenEndpoints(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith("AWS_ENDPOINT_URL_")),
  );
}
