import { hash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Chunk,
  decodeChunks,
  decodeHeader,
  encodeSnapshot,
  FORMAT,
  packChunks,
  unpackRows,
} from "./format.ts";

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

  it("tell apart what a row lacks and what is null, and keep the order within each entity", async () => {
    const value = fc.oneof(fc.constantFrom(null, 1, "1", "", true, -1), fc.string(), fc.array(fc.nat(2)));
    const some = fc.record(
      { __edb_e__: fc.constantFrom("customer", "deployment"), a: value, b: value, c: value },
      { requiredKeys: ["__edb_e__"], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(some, { maxLength: 40 }), async (rows) => {
        const read = (await unpacked(await chunks([rows]))) as readonly object[];
        const of = (all: readonly object[], kind: string) =>
          all.filter((one) => "__edb_e__" in one && one.__edb_e__ === kind);
        for (const kind of ["customer", "deployment"]) expect(of(read, kind)).toEqual(of(rows, kind));
        expect(read).toHaveLength(rows.length);
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

describe("a snapshot as bytes", () => {
  const about = {
    table: "success-manager-test",
    name: "directory",
    complete_until: "2026-03-01T00:00:00.000Z",
    expires_at: "2026-03-02T12:00:00.000Z",
  };
  const made = async (pages: readonly (readonly object[])[]) => encodeSnapshot(about, await chunks(pages));
  /** All rows, as a reader gets them; undefined where it refuses the bytes. */
  async function read(content: Buffer) {
    const decoded = decodeHeader(content);
    const found = decoded && decodeChunks(content, decoded.header, decoded.start);
    return found && unpacked(found.map((chunk) => ({ content: chunk, rows: 0 })));
  }

  it("says what it is, and holds all rows", async () => {
    const rows = noise(2_000, 1_000);
    const content = await made([rows.slice(0, 700), rows.slice(700)]);
    const decoded = decodeHeader(content);
    expect(decoded?.header).toMatchObject({ ...about, format: FORMAT, rows: 2_000 });
    expect(decoded?.header.chunks.length).toBeGreaterThan(1);
    expect(await read(content)).toEqual(rows);
  });

  it("of no rows is one", async () => {
    const content = await made([]);
    expect(decodeHeader(content)?.header).toMatchObject({ rows: 0, chunks: [] });
    expect(await read(content)).toEqual([]);
  });

  it("that was cut short, lengthened or changed anywhere is none", async () => {
    const content = await made([noise(40, 100)]);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.nat(content.length - 1).map((length) => content.subarray(0, length)),
          fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => Buffer.concat([content, more])),
          fc.tuple(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 })).map(([place, change]) => {
            const damaged = Buffer.from(content);
            damaged[place] = (damaged[place] ?? 0) ^ change;
            return damaged;
          }),
        ),
        async (damaged) => {
          expect(await read(damaged)).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([FORMAT - 1, FORMAT + 1])("of format %i is none", async (format) => {
    const line = JSON.stringify({ ...decodeHeader(await made([]))?.header, format });
    expect(decodeHeader(Buffer.from(`${hash("sha256", line)}\n${line}\n`))).toBeUndefined();
  });

  it("can be told from its first bytes", async () => {
    const content = await made([noise(5_000, 1_000)]);
    expect(decodeHeader(content.subarray(0, 64 * 1024))?.header.rows).toBe(5_000);
  });
});
