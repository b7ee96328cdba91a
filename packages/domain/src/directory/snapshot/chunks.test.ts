import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, packChunks, unpackRows } from "./chunks.ts";

/** DynamoDB's limit of an item. */
const ITEM_BYTES = 400 * 1024;

const row = fc.record({
  id: fc.string(),
  text: fc.string({ unit: "binary" }),
  amount: fc.integer(),
  open: fc.boolean(),
  dates: fc.array(fc.string()),
  by_deployment: fc.dictionary(fc.string(), fc.record({ score: fc.nat(100) })),
});

const keys = {
  pk: "customer#1",
  sk: "customer",
  gsi1pk: "",
  gsi2pk: "directory",
  gsi2sk: "x",
  __edb_v__: "1",
};

async function chunks(pages: readonly (readonly object[])[]): Promise<Chunk[]> {
  async function* source() {
    for (const items of pages) yield { items };
  }
  const all: Chunk[] = [];
  for await (const chunk of packChunks(source())) all.push(chunk);
  return all;
}

const unpacked = async (all: readonly Chunk[]) =>
  (await Promise.all(all.map(({ content }) => unpackRows(content)))).flatMap((rows) => rows ?? ["damaged"]);

/** Rows that hardly anything can be saved on. */
const noise = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, n) => ({ n, text: randomBytes(bytes).toString("base64") }));

describe("chunks", () => {
  it("hold all rows in their order, without the table's keys, whatever the pages", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row)), async (pages) => {
        const stored = pages.map((items) => items.map((item) => ({ ...keys, ...item })));
        const packed = await chunks(stored);
        expect(await unpacked(packed)).toEqual(pages.flat());
        expect(packed.reduce((sum, { rows }) => sum + rows, 0)).toBe(pages.flat().length);
      }),
    );
  });

  it("keep the name of the entity, by which a reader tells rows apart", async () => {
    expect(await unpacked(await chunks([[{ __edb_e__: "customer", ...keys }]]))).toEqual([
      { __edb_e__: "customer" },
    ]);
  });

  it("look the same, whatever the order of the attributes", async () => {
    const [one] = await chunks([[{ a: 1, b: 2 }]]);
    const [other] = await chunks([[{ b: 2, a: 1 }]]);
    expect(one?.content).toEqual(other?.content);
  });

  it("are few", async () => {
    const alike = Array.from({ length: 5_000 }, (_, n) => ({ n, notes: "They like it. ".repeat(30) }));
    expect((await chunks([alike])).length).toBe(2);
  });

  it("are split when they can't be compressed into an item", async () => {
    const rows = noise(50, 50_000);
    const packed = await chunks([rows.slice(0, 7), rows.slice(7)]);
    expect(Math.max(...packed.map(({ content }) => content.byteLength))).toBeLessThan(ITEM_BYTES - 1_000);
    expect(await unpacked(packed)).toEqual(rows);
  });

  it("of a row that fits into none are refused", async () => {
    await expect(chunks([noise(1, 600_000)])).rejects.toThrow("too large");
  });

  it.each([
    ["cut off", (content: Uint8Array) => content.subarray(0, -9)],
    ["changed", (content: Uint8Array) => content.map((byte, n) => (n === 40 ? byte ^ 255 : byte))],
    ["empty", () => new Uint8Array()],
  ])("that are %s say so", async (_, damage) => {
    const [chunk] = await chunks([noise(3, 100)]);
    if (!chunk) throw new Error("no chunk");
    expect(await unpackRows(chunk.content)).toHaveLength(3);
    expect(await unpackRows(damage(chunk.content))).toBeUndefined();
  });
});
