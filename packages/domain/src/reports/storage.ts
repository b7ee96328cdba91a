import type { FileLink } from "@success-manager/contract/dsl/endpoint";
import { config } from "../config.ts";
import type { StoredReport } from "../table/index.ts";
import { contentDisposition, fitFileName } from "../text.ts";
import type { CsvFile, ReportSummary } from "./document/index.ts";
import { englishPeriod, reportTitle } from "./period.ts";
import type { S3Client } from "./s3-client.ts";

/** A file that was not stored or not read. The message is a sentence for the person who wanted the report. */
export class StorageError extends Error {
  /** Whether the same may work later. */
  readonly retryable: boolean;

  constructor(sentence: string, retryable: boolean, cause?: unknown) {
    super(sentence, { cause });
    this.name = "StorageError";
    this.retryable = retryable;
  }
}

/** The deployment names no bucket. */
export const storageNotSetUp = () =>
  new StorageError("Storing reports is not set up here. Ask an admin.", false);

type Use = "storing" | "reading";
type Reason = "missing" | "refused" | "busy";

/** Errors of S3 (API reference, "List of error codes"), by name. */
const REASONS = new Map<string, Reason>([
  ["NoSuchKey", "missing"],
  ["AccessDenied", "refused"],
  ["AllAccessDisabled", "refused"],
  ["AccountProblem", "refused"],
  ["InvalidAccessKeyId", "refused"],
  ["NoSuchBucket", "refused"],
  ["SignatureDoesNotMatch", "refused"],
  ["SlowDown", "busy"],
  ["ServiceUnavailable", "busy"],
  ["ThrottlingException", "busy"],
]);

const SENTENCES: Readonly<Record<Reason, string>> = {
  missing: "The file of this report is no longer there. Generate the report again.",
  refused: "The storage for reports does not let us in. Ask an admin.",
  busy: "The storage for reports is too busy at the moment. Try again in a few minutes.",
};

const UNREACHABLE = "The storage for reports can't be reached right now. Try again in a few minutes.";

function reasonOf(error: unknown, use: Use): Reason | undefined {
  if (!(error instanceof Error)) return undefined;
  // S3 does not tell who may not list a bucket, as no function may, that a file is not there.
  if (use === "reading" && error.name === "AccessDenied") return "missing";
  return REASONS.get(error.name);
}

/** What an error of the storage context for a person. */
export function toStorageError(error: unknown, use: Use): StorageError {
  const reason = reasonOf(error, use);
  if (!reason) return new StorageError(UNREACHABLE, true, error);
  return new StorageError(SENTENCES[reason], reason === "busy", error);
}

/** Nothing waits long for a part that does not answer, or that stops in the middle. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

/** How long an address is good for: decision 20. */
const ADDRESS_S = 5 * 60;

const PDF = "application/pdf";
const JSON_TYPE = "application/json";
const ZIP = "application/zip";

/** Where a report's file is kept: `reports/<yyyy>/<mm>/<id>.pdf`, by the UTC month in which it was asked for. */
export const fileKey = ({ id, created_at }: Pick<StoredReport, "id" | "created_at">) =>
  `reports/${created_at.slice(0, 4)}/${created_at.slice(5, 7)}/${id}.pdf`;

/** Beside it, where its tables are wanted: each as CSV, in a ZIP. */
const tablesKey = (report: Pick<StoredReport, "id" | "created_at">) => fileKey(report).replace(/pdf$/, "zip");

type Named = Pick<
  StoredReport,
  "report_type" | "report_name" | "date_from" | "date_to" | "file_name" | "file_period"
>;

/** What files are called that nobody has given a name, before their language says it. */
const FILE_TITLES: Readonly<Record<StoredReport["report_type"], string>> = {
  health_summary: "Health summary",
  csat_analysis: "CSAT analysis",
  customer_overview: "Customer overview",
  executive_summary: "Executive summary",
  score_backtest: "Back-test of the score",
};

/**
 * What people see of a report's file: what it is about and its period, as in `Health summary, November 2026.pdf`, in
 * the report's language. What it is called is known as soon as it has been generated; before that, or of older ones,
 * by its type and its days: functions that print nothing hold no catalogue.
 */
export function fileName(report: Named): string {
  const { report_type, report_name, file_name, date_from, date_to } = report;
  const title = FILE_TITLES[report_type];
  const name = file_name ?? (report_name === reportTitle(report_type) ? title : report_name);
  return `${fitFileName(name) || title}, ${report.file_period ?? englishPeriod({ date_from, date_to })}.pdf`;
}

let client: S3Client | undefined;

async function storage() {
  const Bucket = config().REPORTS_BUCKET;
  if (!Bucket) throw storageNotSetUp();
  const sdk = await import("./s3-client.ts");
  client ??= new sdk.S3Client({
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ANSWER_MS,
    },
  });
  return { ...sdk, client, Bucket };
}

/**
 * Stores a PDF. A report has one key: storing it again replaces the file by one that says the same.
 *
 * @throws StorageError with a sentence for a person; the file may be there all the same when the answer was lost
 */
export async function storeFile(Key: string, Body: Uint8Array, ContentType = PDF): Promise<void> {
  const { client, Bucket, PutObjectCommand } = await storage();
  try {
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
  } catch (error) {
    throw toStorageError(error, "storing");
  }
}

/**
 * The bytes of a PDF that was stored.
 *
 * @throws StorageError with a sentence for a person, also when the file is no longer there
 */
export async function readFile(Key: string): Promise<Uint8Array> {
  const { client, Bucket, GetObjectCommand } = await storage();
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    throw toStorageError(error, "reading");
  }
}

/** Beside a report's file: what its mail says and which tables come along. */
export const enclosureKey = (report: Pick<StoredReport, "id" | "created_at">) =>
  fileKey(report).replace(/pdf$/, "json");

/** What the mail of a report is made of besides the file. */
export interface Enclosure {
  readonly summary: ReportSummary;
  readonly tables: readonly CsvFile[];
}

/** Keeps it for those who go on with mailing. @throws StorageError */
export const storeEnclosure = (report: StoredReport, enclosure: Enclosure): Promise<void> =>
  storeFile(enclosureKey(report), new TextEncoder().encode(JSON.stringify(enclosure)), JSON_TYPE);

/** What was kept; undefined of a report that was generated before mails said more. @throws StorageError */
export async function readEnclosure(report: StoredReport): Promise<Enclosure | undefined> {
  if (report.has_enclosure !== true) return undefined;
  return JSON.parse(new TextDecoder().decode(await readFile(enclosureKey(report)))) as Enclosure;
}

/** Keeps the tables of a report for who wants to work with them. @throws StorageError */
export async function storeTables(report: StoredReport, tables: readonly CsvFile[]): Promise<void> {
  const { zipSync } = await import("fflate");
  const files = Object.fromEntries(tables.map(({ filename, content }) => [filename, Buffer.from(content)]));
  // Of when it was asked for: the same tables give the same bytes.
  await storeFile(tablesKey(report), zipSync(files, { mtime: report.created_at }), ZIP);
}

/** Which of a report's files: what it says, or its tables. */
export type ReportFile = "pdf" | "tables";

/**
 * Deletes a report's file and what lies beside it; what is gone is gone. For some days S3 has the version before
 * (infra/data.ts).
 *
 * @throws StorageError
 */
export async function deleteFiles(report: Pick<StoredReport, "id" | "created_at">): Promise<void> {
  const { client, Bucket, DeleteObjectCommand } = await storage();
  try {
    for (const Key of [fileKey(report), enclosureKey(report), tablesKey(report)])
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
  } catch (error) {
    throw toStorageError(error, "storing");
  }
}

/**
 * An address at which anybody can load a file of a report for five minutes, under the name that people know it by. Asks
 * nobody: the file may be gone. Undefined where the report has none.
 *
 * @throws StorageError when the deployment names no bucket
 */
export async function reportFileUrl(
  report: StoredReport,
  file: ReportFile,
  now: Date,
): Promise<FileLink | undefined> {
  if (report.file_path === undefined) return undefined;
  if (file === "pdf") return fileUrl(report.file_path, fileName(report), now);
  if (report.has_tables !== true) return undefined;
  return fileUrl(tablesKey(report), fileName(report).replace(/pdf$/, "zip"), now, ZIP);
}

/** The same for any file. */
export async function fileUrl(Key: string, filename: string, now: Date, type = PDF): Promise<FileLink> {
  const { client, Bucket, GetObjectCommand, getSignedUrl } = await storage();
  const command = new GetObjectCommand({
    Bucket,
    Key,
    ResponseContentType: type,
    // What it says is for whoever asked alone: no proxy and no shared browser keeps it.
    ResponseCacheControl: "private, no-store",
    ResponseContentDisposition: contentDisposition(filename),
  });
  const url = await getSignedUrl(client, command, { expiresIn: ADDRESS_S, signingDate: now });
  // Signatures know whole seconds.
  const signed = Math.floor(now.getTime() / 1000);
  return { url, expires_at: new Date((signed + ADDRESS_S) * 1000).toISOString() };
}
