/** Beyond this, a scale can't tell neighboring figures apart; none of ours come near. */
const LARGEST = 1e15;

/** Two decimals; more for what is small, for which they would say too little. */
const plain = new Intl.NumberFormat("en-US", {
  maximumFractionDigits: 2,
  maximumSignificantDigits: 2,
  roundingPriority: "morePrecision",
  signDisplay: "negative",
});

/** What can be drawn: neither absent, nor infinite, nor beyond what scales can tell apart. */
export const isFigure = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= LARGEST;

/** As printed: `1,234.57`, `−3`, never `-0`; the minus is as wide as a plus, as on the axes. */
export const shownFigure = (value: number) => plain.format(value).replace("-", "−");
