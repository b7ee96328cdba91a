/** A file that was not stored or not read. The message is a sentence for the person who wanted the report. */
export class StoreFailed extends Error {
  /** Whether the same may work later. */
  readonly passing: boolean;

  constructor(sentence: string, passing: boolean, cause?: unknown) {
    super(sentence, { cause });
    this.name = "StoreFailed";
    this.passing = passing;
  }
}

/** The deployment names no bucket. */
export const notSetUp = () => new StoreFailed("Storing reports is not set up here. Ask an admin.", false);

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

/** What an error of the storage means for a person. */
export function failureOf(error: unknown, use: Use): StoreFailed {
  const reason = reasonOf(error, use);
  if (!reason) return new StoreFailed(UNREACHABLE, true, error);
  return new StoreFailed(SENTENCES[reason], reason === "busy", error);
}
