/** Controls and ends of lines (RFC 5322, 2.2), and whatever else is blank. */
const BLANK = /[\p{Cc}\s\u2028\u2029]+/gu;

/** Embeddings, overrides and isolates: they turn around what follows them (UAX #9, 2). */
const STEERING = /[\u202a-\u202e\u2066-\u2069]/gu;

/** Blocks of scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** What somebody typed, on one line and without steering what stands around it. */
export const sanitizeLine = (typed: string): string => typed.replace(STEERING, "").replace(BLANK, " ").trim();

/**
 * The same as a piece of a line of plain text. What is written from right to left is isolated (UAX #9, FSI and PDI):
 * numbers behind it would stand before it otherwise.
 */
export function isolate(typed: string): string {
  const line = sanitizeLine(typed);
  return RIGHT_TO_LEFT.test(line) ? `\u2068${line}\u2069` : line;
}
