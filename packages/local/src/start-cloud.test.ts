import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as z from "zod";
import type { Cloud } from "./cloud.ts";
import { handledIds, notesClient } from "./fixture/notes-client.ts";
import { type SmallAssembly, writeSmallAssembly } from "./fixture/small-assembly.ts";
import { listen } from "./processes/ports.ts";
import { startCloud } from "./start-cloud.ts";

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
  const sentence = `port ${port} is in use: stop what listens there, or choose another with ${option}`;
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

const processOf = (cloud: Cloud, name: string) => {
  const found = cloud.processes.find((process) => process.name.includes(name));
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
};

test("children that die are started again on their ports with their data, each; then changes reach functions again", async () => {
  const logged: string[] = [];
  const cloud = await startCloud({ assembly: small.folder, log: (line) => logged.push(line) });
  const call = (path: string, init?: RequestInit) => fetch(cloud.apiUrl + path, init);
  const put = (id: string) => call(`/notes/${id}`, { method: "PUT", body: "kept", headers: text });
  await put("1");
  await call("/mails", { method: "POST" });
  const before = cloud.processes;
  for (const { name, pid } of before) {
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(processOf(cloud, name).pid).not.toBe(pid), {
      timeout: 30_000,
      interval: 20,
    });
    expect(logged.filter((line) => line.startsWith(`${name} `))).toEqual([
      expect.stringMatching(/ ended unexpectedly \(SIGKILL\).*; starting it again$/s),
      expect.stringMatching(/ answers again, after \d+ ms$/),
    ]);
  }
  await vi.waitFor(() => expect(livingGroups(before)).toEqual([]), { timeout: 30_000 });
  expect(await (await call("/notes/1")).json()).toEqual({ id: "1", text: "kept" });
  expect((await call("/files", { method: "POST", body: "kept", headers: text })).status).toBe(200);
  expect(await subjectsIn(cloud)).toEqual(["Hello"]);
  await notesClient(cloud).put("watched#1");
  await cloud.settled(60_000);
  expect(handledIds(logged)).toContain("watched#1");
  await cloud.stop();
  await vi.waitFor(() => expect(livingGroups(cloud.processes)).toEqual([]), { timeout: 30_000 });
});

test("requests meanwhile wait for the database or fail; none hangs, and all that was answered is kept", async () => {
  const cloud = await startCloud({ assembly: small.folder });
  const put = (id: number) =>
    fetch(`${cloud.apiUrl}/notes/${id}`, { method: "PUT", body: "kept", headers: text });
  await put(0);
  process.kill(-processOf(cloud, "DynamoDB").pid, "SIGKILL");
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => (await put(index + 1)).status),
  );
  for (const [index, status] of answers.entries()) {
    expect([204, 500]).toContain(status);
    if (status !== 204) continue;
    expect((await fetch(`${cloud.apiUrl}/notes/${index + 1}`)).status).toBe(200);
  }
  await vi.waitFor(async () => expect((await put(11)).status).toBe(204), { timeout: 30_000 });
  await cloud.stop();
});

test.concurrent("a child that dies again and again is given up: the cloud stops and says which one it was", async () => {
  const cloud = await startCloud({ assembly: small.folder });
  const killing = setInterval(() => {
    try {
      process.kill(processOf(cloud, "inbox").pid, "SIGKILL");
    } catch {
      // Between two processes.
    }
  }, 5);
  expect(await cloud.failure).toMatch(
    /the mail inbox .* \(SIGKILL\).*\nthe mail inbox .* was started 5 times again, in vain$/s,
  );
  clearInterval(killing);
  await expect(fetch(cloud.apiUrl)).rejects.toThrow();
  await vi.waitFor(() => expect(livingGroups(cloud.processes)).toEqual([]), { timeout: 30_000 });
});

test.concurrent("a cloud that stops while a child is being started again leaves none", async () => {
  const cloud = await startCloud({ assembly: small.folder });
  const before = cloud.processes;
  for (const { pid } of before) process.kill(pid, "SIGKILL");
  await setTimeout(50);
  await cloud.stop();
  const all = [...before, ...cloud.processes];
  await vi.waitFor(() => expect(livingGroups(all)).toEqual([]), { timeout: 30_000 });
});

const Store = z.object({ emails: z.array(z.object({ subject: z.string() })) });
const subjectsIn = async ({ inboxUrl }: Cloud) =>
  Store.parse(await (await fetch(`${inboxUrl}/store`)).json()).emails.map(({ subject }) => subject);

test.concurrent("mails survive a restart; what is cleared stays cleared; the newest 500 are kept", async () => {
  const data = await mkdtemp(join(tmpdir(), "small-cloud-"));
  const open = () => startCloud({ assembly: small.folder, data });
  const first = await open();
  await fetch(`${first.apiUrl}/mails`, { method: "POST" });
  await fetch(`${first.apiUrl}/mails`, { method: "POST" });
  await first.stop();

  // What a crash left half written is no mail.
  await writeFile(join(data, "inbox", "0000000003.json"), '{"messageId": "ses-');
  const second = await open();
  expect(await subjectsIn(second)).toEqual(["Hello", "Hello"]);
  await fetch(`${second.inboxUrl}/clear-store`, { method: "POST" });
  await second.stop();

  const third = await open();
  expect(await subjectsIn(third)).toEqual([]);
  await third.stop();
  const mail = (id: number) => ({ messageId: `ses-${id}`, subject: `Mail ${id}`, at: id, attachments: [] });
  for (let id = 1; id <= 600; id += 1)
    await writeFile(join(data, "inbox", `${String(id).padStart(10, "0")}.json`), JSON.stringify(mail(id)));
  const fourth = await open();
  await fetch(`${fourth.apiUrl}/mails`, { method: "POST" });
  const kept = await subjectsIn(fourth);
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([500, "Mail 102", "Hello"]);
  expect(await readdir(join(data, "inbox"))).toHaveLength(500);
  await fourth.stop();
  await rm(data, { recursive: true });
});

test.concurrent("all children are gone after the process was killed outright", async () => {
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
