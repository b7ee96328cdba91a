// What a new function does with the snapshot of a large directory, without a cloud: node test/bench/first-load.ts.
// Processor time of all threads, garbage collection included, in one process; medians of rounds.
import { parseArgs } from "node:util";
import { createDirectory } from "../../packages/domain/src/directory/directory.ts";
import type { DirectoryItem } from "../../packages/domain/src/directory/rows.ts";
import {
  type Chunk,
  decodeChunks,
  decodeHeader,
  encodeSnapshot,
  packChunks,
  unpackRows,
} from "../../packages/domain/src/directory/snapshot/format.ts";
import { HISTORIES } from "./portfolio/history.ts";
import { itemsOf } from "./portfolio/items.ts";
import { timeAt } from "./portfolio/time.ts";
import { markdown, quantile } from "./table.ts";

const { values } = parseArgs({
  options: {
    customers: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
  },
});
const now = new Date();
const PAGE = 1_000;

/** Rows of the directory, in pages. */
async function* pages() {
  const time = timeAt(now);
  for (let n = 0; n < Number(values.customers); n += PAGE) {
    const items = Array.from({ length: PAGE }, (_, i) => itemsOf(n + i, time, HISTORIES.light)).flat();
    yield { items: items.filter(({ gsi2pk }) => gsi2pk === "directory") };
  }
}

const chunks: Chunk[] = [];
for await (const chunk of packChunks(pages())) chunks.push(chunk);
const content = encodeSnapshot(
  { table: "t", name: "directory", complete_until: now.toISOString(), expires_at: now.toISOString() },
  chunks,
);

const found = new Map<string, { readonly cpu: number[]; readonly ms: number[] }>();
async function measure(name: string, work: () => unknown) {
  globalThis.gc?.();
  const [before, began] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(before);
  const { cpu, ms } = found.get(name) ?? { cpu: [], ms: [] };
  found.set(name, { cpu: [...cpu, (user + system) / 1_000], ms: [...ms, performance.now() - began] });
}

function read(): Buffer[] {
  const decoded = decodeHeader(content);
  const read = decoded && decodeChunks(content, decoded.header, decoded.start);
  if (!read) throw new Error("The snapshot can't be read");
  return read;
}

/** Of the last round. */
let kept: unknown;
for (let round = 0; round < Number(values.rounds); round++) {
  kept = undefined;
  await measure("checking SHA-256", read);
  await measure("decompressing and making rows", async () => {
    for (const chunk of read()) await unpackRows(chunk);
  });
  const directory = createDirectory({
    async loadAll(receive) {
      for (const chunk of read()) receive((await unpackRows<DirectoryItem>(chunk)) ?? []);
    },
    async loadSince() {},
  });
  await measure("the whole directory", directory.refresh);
  await measure("its first list by a column", () =>
    directory
      .deploymentsBy("license_expiry", ({ deployment }) => deployment.license_expiry)
      .select("asc", () => true),
  );
  kept = directory;
}
const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
console.log(`${rows} rows, ${(content.byteLength / 1e6).toFixed(1)} MB, ${chunks.length} chunks\n`);
console.log(
  markdown(
    Array.from(found, ([work, { cpu, ms }]) => ({
      work,
      "CPU ms": Math.round(quantile(cpu, 0.5)),
      "CPU ms, first": Math.round(cpu[0] ?? Number.NaN),
      ms: Math.round(quantile(ms, 0.5)),
    })),
  ),
);
if (!kept) process.exitCode = 1;
