// @ts-check
// Child process: aws-ses-v2-local (SES with a web inbox), ended with its parent. Arguments: host, port, folder.
// It also tells what becomes of mails, as SES does (`GET /mail-events`), and shows that on the page.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { eventsOf, OUTCOME_SCRIPT } from "./mail-events.js";
import { onParentExit, reportReady } from "./parent-exit.js";

/** @import { IncomingMessage, Server, ServerResponse } from "node:http" */
/** @import { PublishedEvent } from "./mail-events.js" */
/** @import { AddressInfo } from "node:net" */

/** The newest mails are kept, as many as fit into both. Reports have attachments of some 100 KB. */
const MAX_MAILS = 500;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * One object for each mail, for as long as it is in the inbox; its random number may be another one's too.
 *
 * @typedef {{ readonly messageId: string }} Mail
 */

const load = createRequire(import.meta.url);
/** @type {{ default: (options: { host: string; port: number }) => Promise<Server> }} */
const { default: serve } = load("aws-ses-v2-local");
/**
 * The mails that the package holds in memory, oldest first; it has no other way to give some back to it.
 *
 * @type {{ getStoreReadonly: () => { emails: Mail[] } }}
 */
const { getStoreReadonly: store } = load("aws-ses-v2-local/dist/store.js");

const [host = "127.0.0.1", port = "0", folder = ""] = process.argv.slice(2);

/**
 * Files of the mails that are kept, oldest first: named by number, so that names sort as mails came.
 *
 * @type {Map<Mail, { readonly file: string; readonly bytes: number }>}
 */
const kept = new Map();
let last = 0;

/** Puts back what an earlier process has kept. A file that is not whole, after a crash, is no mail. */
function restore() {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    try {
      const text = readFileSync(file, "utf8");
      /** @type {Mail} */
      const mail = JSON.parse(text);
      if (!name.endsWith(".json") || typeof mail.messageId !== "string") throw new Error("no mail");
      store().emails.push(mail);
      kept.set(mail, { file, bytes: text.length });
      last = Math.max(last, Number.parseInt(name, 10));
    } catch {
      rmSync(file, { force: true });
    }
  }
}

/** Makes the folder hold what the inbox holds, and both no more than fits. */
function save() {
  const { emails } = store();
  for (const mail of emails) {
    if (kept.has(mail)) continue;
    last += 1;
    const file = join(folder, `${String(last).padStart(10, "0")}.json`);
    const text = JSON.stringify(mail);
    writeFileSync(`${file}.partial`, text);
    renameSync(`${file}.partial`, file);
    kept.set(mail, { file, bytes: text.length });
  }
  /** @param {Mail | undefined} mail */
  const bytesOf = (mail) => (mail && kept.get(mail)?.bytes) ?? 0;
  let total = emails.reduce((sum, mail) => sum + bytesOf(mail), 0);
  while (emails.length > 1 && (emails.length > MAX_MAILS || total > MAX_BYTES))
    total -= bytesOf(emails.shift());
  const present = new Set(emails);
  for (const [mail, { file }] of kept) {
    if (present.has(mail)) continue;
    rmSync(file, { force: true });
    kept.delete(mail);
  }
}

/**
 * What became of mails, oldest first, and how many came before the first one here.
 *
 * @type {{ dropped: number; all: PublishedEvent[] }}
 */
const events = { dropped: 0, all: [] };
/** @type {Set<() => void>} */
const waiting = new Set();
const MAX_EVENTS = 5_000;
/** For so long a request waits for the next event. */
const WAIT_MS = 20_000;

/** @param {readonly PublishedEvent[]} some */
function publish(some) {
  events.all.push(...some);
  const surplus = Math.max(0, events.all.length - MAX_EVENTS);
  events.all.splice(0, surplus);
  events.dropped += surplus;
  for (const answer of [...waiting]) answer();
}

/**
 * Answers the events after the number that is asked for, as soon as there are any; without one, where they are now.
 *
 * @param {URL} url
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
function answerEvents(url, request, response) {
  const end = () => events.dropped + events.all.length;
  const given = url.searchParams.get("after");
  const after = given === null ? end() : Number(given);
  const answer = () => {
    waiting.delete(answer);
    clearTimeout(timer);
    const some = given === null ? [] : events.all.slice(Math.max(0, after - events.dropped));
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ next: end(), events: some }));
  };
  const timer = setTimeout(answer, WAIT_MS);
  request.once("close", () => {
    waiting.delete(answer);
    clearTimeout(timer);
  });
  if (given === null || after < end() || url.searchParams.has("now")) answer();
  else waiting.add(answer);
}

/**
 * Notes what a request sends, and tells what became of it once SES has answered. The package has read its body by then.
 *
 * @param {IncomingMessage & { body?: Readonly<Record<string, unknown>> }} request
 * @param {ServerResponse} response
 */
function followSending(request, response) {
  const { end } = response;
  let answer = "";
  // The package answers with one text.
  response.end = (/** @type {any[]} */ ...parts) => {
    if (typeof parts[0] === "string" || Buffer.isBuffer(parts[0])) answer = String(parts[0]);
    // Before it is told that a mail is accepted: what dies then loses none.
    save();
    return end.apply(response, /** @type {any} */ (parts));
  };
  response.once("finish", () => {
    const message_id = /<MessageId>([^<]+)<\/MessageId>/.exec(answer)?.[1];
    if (message_id && request.body) publish(eventsOf(request.body, message_id, new Date()));
  });
}

restore();
const server = await serve({ host, port: Number(port) });
const [answerMail] = server.listeners("request");
server.removeAllListeners("request");
server.on("request", (request, response) => {
  const url = new URL(request.url ?? "/", "http://inbox");
  if (url.pathname === "/mail-events") return answerEvents(url, request, response);
  if (url.pathname === "/mail-outcomes.js")
    return void response.writeHead(200, { "content-type": "text/javascript" }).end(OUTCOME_SCRIPT);
  if (url.pathname === "/" && request.method === "GET") return answerPage(response);
  // Sending and clearing are POSTs.
  if (request.method === "POST") followSending(request, response);
  answerMail?.call(server, request, response);
});

/**
 * The package's page, which shows what became of each mail as well.
 *
 * @param {ServerResponse} response
 */
function answerPage(response) {
  const page = readFileSync(load.resolve("aws-ses-v2-local/static/index.html"), "utf8");
  const html = page.replace("</body>", '<script src="/mail-outcomes.js"></script></body>');
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
}
onParentExit(() => {
  server.closeAllConnections();
  server.close();
});
/** @type {AddressInfo | string | null} */
const address = server.address();
if (typeof address === "object" && address !== null) reportReady(address.port);
