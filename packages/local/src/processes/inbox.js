// @ts-check
// Child process: aws-ses-v2-local (SES with a web inbox), ended with its parent. Arguments: host, port, folder.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { onParentExit, reportReady } from "./parent-exit.js";

/** @import { Server } from "node:http" */
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

restore();
const server = await serve({ host, port: Number(port) });
// Sending and clearing are POSTs.
server.on("request", (request, response) => {
  if (request.method === "POST") response.once("finish", save);
});
onParentExit(() => {
  server.closeAllConnections();
  server.close();
});
/** @type {AddressInfo | string | null} */
const address = server.address();
if (typeof address === "object" && address !== null) reportReady(address.port);
