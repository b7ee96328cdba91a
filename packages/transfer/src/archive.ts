/**
 * An export of a table, in the format of DynamoDB's own "Export to S3" (DynamoDB JSON, full export): what DynamoDB has
 * written is read here, and what is written here can be read by DynamoDB's "Import from S3".
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";

/** An item as DynamoDB's protocol has it. */
export type RawItem = Record<string, AttributeValue>;

/** Where files lie: a folder, or a prefix of a bucket. Keys are relative to it. */
export interface Store {
  /** As a person would name it. */
  readonly location: string;
  readonly bucket: string | undefined;
  /** Whole files, up to some megabytes. A file is there as a whole, or not at all. */
  put(key: string, content: string | Buffer): Promise<void>;
  /** @throws when there is none */
  read(key: string): Promise<string>;
  stream(key: string): Promise<Readable>;
  /** The same, one level down. */
  within(folder: string): Store;
  /** Folders in a folder; of a bucket they are not asked for. */
  folders(key: string): Promise<readonly string[]>;
}

const S3_LOCATION = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/;

/** @param location a folder, or `s3://bucket/prefix` */
export function storeAt(location: string): Store {
  const [, bucket, prefix = ""] = S3_LOCATION.exec(location) ?? [];
  return bucket === undefined ? folderStore(location) : bucketStore(new S3Client({}), bucket, prefix);
}

function folderStore(root: string): Store {
  const path = (key: string) => join(root, key);
  return {
    location: root,
    bucket: undefined,
    async put(key, content) {
      await mkdir(dirname(path(key)), { recursive: true });
      await writeFile(`${path(key)}.part`, content);
      await rename(`${path(key)}.part`, path(key));
    },
    read: (key) => readFile(path(key), "utf8"),
    stream: async (key) => createReadStream(path(key)),
    within: (folder) => folderStore(path(folder)),
    folders: async (key) =>
      (await readdir(path(key), { withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
  };
}

function bucketStore(client: S3Client, Bucket: string, prefix: string): Store {
  const Key = (key: string) => [prefix, key].filter(Boolean).join("/");
  const body = async (key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: Key(key) }));
    if (!(Body instanceof Readable)) throw new Error(`s3://${Bucket}/${Key(key)} is empty`);
    return Body;
  };
  return {
    location: `s3://${[Bucket, prefix].filter(Boolean).join("/")}`,
    bucket: Bucket,
    put: async (key, content) => {
      const ContentMD5 = createHash("md5").update(content).digest("base64");
      await client.send(new PutObjectCommand({ Bucket, Key: Key(key), Body: content, ContentMD5 }));
    },
    read: async (key) => Buffer.concat(await (await body(key)).toArray()).toString("utf8"),
    stream: body,
    within: (folder) => bucketStore(client, Bucket, Key(folder)),
    folders: async () => [],
  };
}

/** Where DynamoDB puts its exports. */
export const EXPORTS = "AWSDynamoDB";

/** A line of `manifest-files.json`. */
const DataFile = z.object({
  itemCount: z.int().min(0),
  /** Of the file as it lies there, base64. */
  md5Checksum: z.string(),
  etag: z.string(),
  dataFileS3Key: z.string(),
});
export type DataFile = z.infer<typeof DataFile>;

/** `manifest-summary.json`, as far as it is looked at. */
const Summary = z.object({
  tableArn: z.string(),
  exportTime: z.string(),
  itemCount: z.int().min(0),
  outputFormat: z.string(),
  exportType: z.string().nullish(),
});
export type Summary = z.infer<typeof Summary>;

export interface Archive {
  readonly store: Store;
  readonly summary: Summary;
  readonly files: readonly DataFile[];
}

/** What is wrong with an export, said to the person who has it. */
export class ArchiveError extends Error {}

const md5 = (content: string | Buffer) => createHash("md5").update(content);

/** Reads a manifest and compares it with its checksum, which DynamoDB writes as base64. */
async function readChecked(store: Store, name: string): Promise<string> {
  const content = await store.read(`${name}.json`).catch(() => {
    throw new ArchiveError(`${store.location} holds no ${name}.json: name the folder of an export`);
  });
  const stated = (await store.read(`${name}.checksum`)).trim();
  const sum = md5(content);
  if (stated !== sum.copy().digest("base64") && stated !== sum.digest("hex"))
    throw new ArchiveError(`${name}.json in ${store.location} is not what was written: its checksum differs`);
  return content;
}

/**
 * Opens an export: its own folder (that of `manifest-summary.json`), or a folder with one export in `AWSDynamoDB`.
 *
 * @throws ArchiveError when there is none, it is incomplete, or in a format that is not read here
 */
export async function openArchive(store: Store): Promise<Archive> {
  const inside = await store.folders(EXPORTS);
  if (inside.length > 1)
    throw new ArchiveError(
      `${store.location} holds ${inside.length} exports: name one, such as ${store.location}/${EXPORTS}/${inside.at(-1)}`,
    );
  const own = inside[0] === undefined ? store : store.within(`${EXPORTS}/${inside[0]}`);
  const summary = Summary.parse(JSON.parse(await readChecked(own, "manifest-summary")));
  if (summary.outputFormat !== "DYNAMODB_JSON")
    throw new ArchiveError(`This export is ${summary.outputFormat}; only DYNAMODB_JSON is read`);
  if (summary.exportType && summary.exportType !== "FULL_EXPORT")
    throw new ArchiveError("This is an incremental export: it holds changes, not a table");
  const lines = (await readChecked(own, "manifest-files")).split("\n").filter((line) => line.trim() !== "");
  const files = lines.map((line) => DataFile.parse(JSON.parse(line)));
  const items = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (items !== summary.itemCount)
    throw new ArchiveError(`The manifests disagree: ${items} items in files, ${summary.itemCount} in all`);
  return { store: own, summary, files };
}

/** Writes the manifests: the export is complete. */
export async function writeManifests(
  store: Store,
  summary: Readonly<Record<string, unknown>>,
  files: readonly DataFile[],
): Promise<void> {
  const put = async (name: string, content: string) => {
    await store.put(`${name}.json`, content);
    await store.put(`${name}.checksum`, md5(content).digest("base64"));
  };
  await put("manifest-files", files.map((file) => `${JSON.stringify(file)}\n`).join(""));
  await put("manifest-summary", JSON.stringify(summary));
}

/** A data file in an export's folder. By its last part: DynamoDB names it from the bucket's top, wherever it lies now. */
const pathOf = ({ dataFileS3Key }: DataFile) => `data/${dataFileS3Key.split("/").at(-1)}`;

/** `{"Item":{…}}`, with binary values as base64. */
export function toLine(item: RawItem): string {
  return `${JSON.stringify({ Item: item }, function (key, value) {
    const given: unknown = this[key];
    return given instanceof Uint8Array ? Buffer.from(given).toString("base64") : value;
  })}\n`;
}

const toBinary = (key: string, value: unknown) => {
  if (key === "B" && typeof value === "string") return Buffer.from(value, "base64");
  if (key === "BS" && Array.isArray(value)) return value.map((one) => Buffer.from(one, "base64"));
  return value;
};

export const fromLine = (line: string): RawItem =>
  JSON.parse(line, /"BS?":["[]/.test(line) ? toBinary : undefined).Item;

/** Hands bytes through and adds them up. */
const summing = (sum: Hash) =>
  new Transform({
    transform(chunk, _encoding, done) {
      sum.update(chunk);
      done(null, chunk);
    },
  });

/** The lines of a data file. @throws ArchiveError at the end, when it is not what was written */
async function* lines(archive: Archive, file: DataFile): AsyncGenerator<string> {
  const path = pathOf(file);
  const sum = createHash("md5");
  const source = await archive.store.stream(path);
  const bytes = source.pipe(summing(sum));
  const text = bytes.pipe(createGunzip());
  // A pipe does not carry errors on.
  for (const stream of [source, bytes]) stream.on("error", (error) => text.destroy(error));
  let items = 0;
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === "") continue;
      items += 1;
      yield line;
    }
  } catch (error) {
    throw new ArchiveError(`${path} can't be read: ${error instanceof Error ? error.message : error}`);
  } finally {
    source.destroy();
  }
  if (items !== file.itemCount)
    throw new ArchiveError(`${path} holds ${items} items; the manifest says ${file.itemCount}`);
  if (sum.digest("base64") !== file.md5Checksum)
    throw new ArchiveError(`${path} is not what was written: its checksum differs`);
}

/** The items of a data file, one by one. */
export async function* itemsOf(archive: Archive, file: DataFile): AsyncGenerator<RawItem> {
  for await (const line of lines(archive, file)) yield fromLine(line);
}

/** Reads all files once, and compares checksums and counts. @throws ArchiveError naming the file that is damaged */
export async function verifyArchive(archive: Archive): Promise<void> {
  for (const file of archive.files) for await (const _ of lines(archive, file));
}
