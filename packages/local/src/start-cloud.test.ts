import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Cloud } from "./cloud.ts";
import { type SmallAssembly, writeSmallAssembly } from "./fixture/small-assembly.ts";
import { findDynoxide } from "./processes/dynoxide-binary.ts";
import { listen } from "./processes/ports.ts";
import { startCloud } from "./start-cloud.ts";

vi.setConfig({ testTimeout: 120_000 });

let small: SmallAssembly;
beforeAll(async () => {
  small = await writeSmallAssembly();
});
afterAll(() => small.remove());

const text = { "content-type": "text/plain" };
const secretOf = async (cloud: Cloud) => (await fetch(`${cloud.apiUrl}/secret`)).text();

test("data and secrets survive a restart on the same folder", async () => {
  const data = await mkdtemp(join(tmpdir(), "small-cloud-"));
  const first = await startCloud({ assembly: small.folder, data });
  await fetch(`${first.apiUrl}/notes/1`, { method: "PUT", body: "kept", headers: text });
  const secret = await secretOf(first);
  await first.stop();
  expect((await stat(join(data, "secrets.json"))).mode & 0o777).toBe(0o600);

  const second = await startCloud({ assembly: small.folder, data });
  expect(await (await fetch(`${second.apiUrl}/notes/1`)).json()).toEqual({ id: "1", text: "kept" });
  expect(await secretOf(second)).toBe(secret);
  await second.stop();
  await rm(data, { recursive: true });
});

test.each([
  ["port", "--port"],
  ["inboxPort", "--inbox-port"],
])("a taken %s is named together with its option", async (key, option) => {
  const other = createServer();
  const port = await listen(other, 0);
  const sentence = `port ${port} is in use; choose another with ${option}`;
  await expect(startCloud({ assembly: small.folder, [key]: port })).rejects.toThrow(sentence);
  other.close();
});

test("data of an older table definition is refused instead of used", async () => {
  const data = await mkdtemp(join(tmpdir(), "small-cloud-"));
  await (await startCloud({ assembly: small.folder, data })).stop();
  const changed = await writeSmallAssembly();
  const template = join(changed.folder, "small-data.template.json");
  await writeFile(template, (await readFile(template, "utf8")).replaceAll("byAuthor", "byWriter"));
  await expect(startCloud({ assembly: changed.folder, data })).rejects.toThrow(
    "table small-data-Notes exists with other keys or indexes than the template's; start with --fresh",
  );
  await changed.remove();
  await rm(data, { recursive: true });
});

test("a platform without a database is told what to do", () => {
  expect(() => findDynoxide("/nowhere", "plan9-mips")).toThrow(
    /^no DynamoDB server for plan9-mips: .* set AWS_ENDPOINT_URL_DYNAMODB/,
  );
});

test("functions reach DynamoDB through a proxy when one is given", async () => {
  let target = "";
  let closed = false;
  const cloud = await startCloud({
    assembly: small.folder,
    dynamodbProxy: async (url) => {
      target = url;
      return {
        url: `${url}/`,
        close: async () => {
          closed = true;
        },
      };
    },
  });
  expect(cloud.environment.AWS_ENDPOINT_URL_DYNAMODB).toBe(`${target}/`);
  await cloud.stop();
  expect(closed).toBe(true);
});

test("when a child dies the cloud stops and says which one it was", async () => {
  const cloud = await startCloud({ assembly: small.folder });
  const inbox = cloud.processes.find(({ name }) => name.includes("inbox"));
  if (inbox !== undefined) process.kill(inbox.pid, "SIGKILL");
  expect(await cloud.failure).toMatch(/the mail inbox .* ended unexpectedly \(SIGKILL\)/);
  await expect(fetch(cloud.apiUrl)).rejects.toThrow();
  expect(livingGroups(cloud.processes)).toEqual([]);
});

test("all children are gone after the process was killed outright", async () => {
  const data = await mkdtemp(join(tmpdir(), "small-cloud-"));
  const script = `
    import { startCloud } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
    const cloud = await startCloud(${JSON.stringify({ assembly: small.folder, data })});
    console.log(JSON.stringify(cloud.processes));
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await new Promise<string>((resolve) =>
    parent.stdout.once("data", (chunk) => resolve(String(chunk))),
  );
  const children: Cloud["processes"] = JSON.parse(output);
  expect(children).toHaveLength(3);
  expect(livingGroups(children)).toHaveLength(3);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(livingGroups(children)).toEqual([]), { timeout: 60_000 });
  await rm(data, { recursive: true });
});

/** Those whose process group still has a member: the child itself, or what it has started. */
function livingGroups(children: Cloud["processes"]): string[] {
  return children
    .filter(({ pid }) => {
      try {
        return process.kill(-pid, 0);
      } catch {
        return false;
      }
    })
    .map(({ name }) => name);
}
