/** One input that was refused: where it stood, what is wrong with it, and the kind of rule it broke. */
export interface ValidationError {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/**
 * An expected failure: a sentence for the person who called, and the HTTP status it travels with.
 * Thrown anywhere in a use case; one place turns it into the error answer.
 */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly ValidationError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    extra: { errors?: readonly ValidationError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.errors = extra.errors;
    this.headers = extra.headers ?? {};
  }
}

export const badRequest = (detail: string) => new Problem(400, detail);

/** No valid credentials: 401 with the challenge that RFC 6750 asks for. */
export const unauthorized = (detail: string) =>
  new Problem(401, detail, { headers: { "www-authenticate": "Bearer" } });

export const forbidden = (detail: string) => new Problem(403, detail);
/** `notFound("Customer")` says "Customer not found". */
export const notFound = (what: string) => new Problem(404, `${what} not found`);
export const conflict = (detail: string) => new Problem(409, detail);
/** The revisions that a caller's `If-Match` names; none when its tags are not ours, or weak. */
export type IfMatch = readonly number[];

/** @throws 412 when `If-Match` was sent and does not name the stored revision */
export function requireMatch(revision: number, ifMatch: IfMatch | undefined): void {
  if (ifMatch === undefined || ifMatch.includes(revision)) return;
  throw new Problem(
    412,
    "It was changed by somebody else in the meantime. Load it again and repeat your change.",
  );
}

/** Input that is well-formed but breaks a rule; `field` names the body field that the rule is about. */
export const unprocessable = (field: string, msg: string) =>
  new Problem(422, `${field}: ${msg}`, { errors: [{ loc: ["body", field], msg, type: "rule" }] });

/** Something that is needed is not there right now; `seconds` until it makes sense to try again. */
export const unavailable = (seconds: number, detail: string) =>
  new Problem(503, detail, { headers: { "retry-after": String(seconds) } });

/** Too many calls; `seconds` until it makes sense to try again. @param detail a sentence that says so */
export const tooManyRequests = (
  seconds: number,
  detail = `Too many attempts. Try again in ${seconds === 1 ? "1 second" : `${seconds} seconds`}.`,
) =>
  new Problem(429, detail, {
    headers: { "retry-after": String(seconds) },
  });
