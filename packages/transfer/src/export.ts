import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createGzip } from "node:zlib";
import { DescribeTableCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import {
  type DataFile,
  EXPORTS,
  fromLine,
  type RawItem,
  type Store,
  toLine,
  writeManifests,
} from "./archive.ts";

/** A data file is closed at this many bytes. It is held in memory until then, one for each segment. */
const FILE_BYTES = 8 * 2 ** 20;

const Segment = z.object({
  /** A line with the key of the last item that was written; absent at the beginning. */
  last: z.string().optional(),
  done: z.boolean(),
  files: z.array(
    z.object({ itemCount: z.number(), md5Checksum: z.string(), etag: z.string(), dataFileS3Key: z.string() }),
  ),
});

/** How far an export has come: written after each file, so that another process can go on. */
const Progress = z.object({ table: z.string(), startTime: z.string(), segments: z.array(Segment) });
type Progress = z.infer<typeof Progress>;

const PROGRESS = "progress.json";

export interface ExportResult {
  /** Where the export lies; what an import is given. */
  readonly location: string;
  readonly items: number;
  readonly files: number;
  readonly bytes: number;
}

export interface ExportOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly store: Store;
  /** How many parts of the table are read at the same time. */
  readonly segments?: number;
  /** The id of an export that broke off, to go on with. */
  readonly resume?: string | undefined;
  /** What becomes of an item; undefined leaves it out. */
  readonly transform?: ((item: RawItem) => RawItem | undefined) | undefined;
  readonly onProgress?: (items: number) => void;
}

/** As DynamoDB names its exports: milliseconds since 1970, and something that nobody else has. */
const newExportId = () => `${String(Date.now()).padStart(14, "0")}-${randomBytes(4).toString("hex")}`;

async function beginOrResume(
  store: Store,
  { table, segments = 4, resume }: ExportOptions,
): Promise<Progress> {
  if (resume === undefined) {
    const all = Array.from({ length: segments }, () => ({ done: false, files: [] }));
    return { table, startTime: new Date().toISOString(), segments: all };
  }
  const found = await store.read(PROGRESS).catch(() => {
    throw new Error(`${store.location} holds no export that broke off`);
  });
  const progress = Progress.parse(JSON.parse(found));
  if (progress.table !== table)
    throw new Error(`The export that broke off is of the table ${progress.table}`);
  return progress;
}

/** Lines of items as one gzipped file in memory. */
function openFile() {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let items = 0;
  gzip.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
  });
  return {
    get items() {
      return items;
    },
    get bytes() {
      return bytes;
    },
    async write(lines: readonly string[]) {
      items += lines.length;
      await new Promise<void>((resolve, reject) => {
        gzip.write(lines.join(""), (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      gzip.end();
      await once(gzip, "end");
      return Buffer.concat(chunks);
    },
  };
}

/**
 * Writes all items of a table to a folder or bucket, read by a parallel scan. Memory does not grow with the table.
 *
 * A scan is no snapshot: what is written meanwhile may be in it or not, and of a transaction a part. Each item is as it
 * was at some moment of the export. For one moment of the whole table, let DynamoDB export it (docs/runbook.md); an
 * import reads both.
 */
export async function exportTable(options: ExportOptions): Promise<ExportResult> {
  const { client, table, transform, onProgress } = options;
  const id = options.resume ?? newExportId();
  const folder = `${EXPORTS}/${id}`;
  const store = options.store.within(folder);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const progress = await beginOrResume(store, options);
  let items = progress.segments
    .flatMap(({ files }) => files)
    .reduce((sum, { itemCount }) => sum + itemCount, 0);
  let bytes = 0;

  /** One after the other: two writers of one file would lose something. */
  let saving = Promise.resolve();
  const save = () => (saving = saving.then(() => store.put(PROGRESS, JSON.stringify(progress))));

  async function exportSegment(number: number, segment: z.infer<typeof Segment>): Promise<void> {
    let last = segment.last === undefined ? undefined : fromLine(segment.last);
    let file = openFile();
    while (!segment.done) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: table,
          Segment: number,
          TotalSegments: progress.segments.length,
          ConsistentRead: true,
          ...(last && { ExclusiveStartKey: last }),
        }),
      );
      last = LastEvaluatedKey;
      await file.write(
        Items.flatMap((item) => {
          const result = transform ? transform(item) : item;
          return result === undefined ? [] : [toLine(result)];
        }),
      );
      onProgress?.(items + file.items);
      if (last !== undefined && file.bytes < FILE_BYTES) continue;
      const content = await file.close();
      const name = `data/${String(number).padStart(3, "0")}-${String(segment.files.length).padStart(5, "0")}.json.gz`;
      await store.put(name, content);
      const sum = createHash("md5").update(content);
      const written: DataFile = {
        itemCount: file.items,
        md5Checksum: sum.copy().digest("base64"),
        etag: sum.digest("hex"),
        dataFileS3Key: `${folder}/${name}`,
      };
      items += file.items;
      bytes += content.length;
      segment.files.push(written);
      if (last === undefined) segment.done = true;
      else segment.last = toLine(last).trim();
      await save();
      file = openFile();
    }
  }

  await save();
  await Promise.all(progress.segments.map((segment, number) => exportSegment(number, segment)));
  const files = progress.segments.flatMap((segment) => segment.files);
  const { startTime } = progress;
  await writeManifests(
    store,
    {
      version: "2020-06-30",
      exportArn: `${Table?.TableArn}/export/${id}`,
      startTime,
      endTime: new Date().toISOString(),
      tableArn: Table?.TableArn ?? table,
      tableId: Table?.TableId ?? null,
      exportTime: startTime,
      s3Bucket: store.bucket ?? null,
      s3Prefix: null,
      s3SseAlgorithm: null,
      s3SseKmsKeyId: null,
      manifestFilesS3Key: `${folder}/manifest-files.json`,
      billedSizeBytes: 0,
      itemCount: items,
      outputFormat: "DYNAMODB_JSON",
      exportType: "FULL_EXPORT",
    },
    files,
  );
  return { location: store.location, items, files: files.length, bytes };
}
