/** What a column of a table says, and so when a new figure is worse than an old one. */
export interface Column {
  /** `less` is better, `more` is better, or it is a count that is neither. */
  readonly better: "less" | "more" | "neither";
  /** Up to this many times as much (or as little) is noise. */
  readonly noise: number;
  /** Whether it depends on how fast the machine is. */
  readonly timed: boolean;
  /** Two figures below this are the same, whatever their ratio. */
  readonly least?: number;
}

const exact: Column = { better: "less", noise: 1, timed: false };
const size: Column = { better: "less", noise: 1.02, timed: false };
const memory: Column = { better: "less", noise: 1.15, timed: false };
const middle: Column = { better: "less", noise: 1.15, timed: true };
const cpu: Column = { better: "less", noise: 1.1, timed: true, least: 0.05 };
const tail: Column = { better: "less", noise: 1.5, timed: true };
const rate: Column = { better: "more", noise: 1.15, timed: true };
const count: Column = { better: "neither", noise: 1, timed: false };

/** By what the name looks like; the first that fits. */
const KINDS: readonly (readonly [RegExp, Column | undefined])[] = [
  // Follow from others.
  [/growth|^reference|^times faster|^× /, undefined],
  [/\/s\b|per second/, rate],
  [/^requests|^units|failed|written by/, exact],
  [/^allocated/, memory],
  [/\bKB\b/, size],
  [/\bMB\b/, memory],
  // Other threads' time comes in lumps: V8 collects garbage when it likes.
  [/^other threads/, tail],
  [/\bCPU [mµ]s\b/, cpu],
  [/\b(p95|max)\b/, tail],
  [/\bms\b|\bs$|\bseconds\b/, middle],
];

/** What a column says; undefined when it only follows from others, so that it needs no comparison. */
export function columnNamed(name: string): Column | undefined {
  const known = KINDS.find(([pattern]) => pattern.test(name));
  return known ? known[1] : count;
}
