/**
 * Estimates with their 95 % intervals. All are pure, and right for few cases too: a manager has 5 departures, not 500.
 */

/** The normal distribution has 95 % of its mass within so many standard deviations. */
export const Z_95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const logit = (share: number) => Math.log(share / (1 - share));
const expit = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * A quantile of ascending values, between two of them in proportion (type 7 of Hyndman and Fan, as R, NumPy and Excel
 * do); NaN of none.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const [low = Number.NaN, high = low] = [sorted[below], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - below);
}

/** The middle 95 % of what a simulation gave. */
export function middle95(values: Float64Array): Interval {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

export const mean = (values: Iterable<number>): number => {
  let [sum, count] = [0, 0];
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
};

/** The sample standard deviation; 0 of fewer than two. */
export function deviation(values: Float64Array): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - middle) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * The interval of a share (E. Wilson, 1927). Its coverage stays near 95 % with few tries and rare successes, where
 * the plain one ends at [0, 0] (L. Brown, T. Cai, A. DasGupta: Interval estimation for a binomial proportion, 2001).
 *
 * @param tries may be a fraction, for tries that count less than one each
 */
export function wilson(successes: number, tries: number): Interval {
  if (tries <= 0) return { low: 0, high: 1 };
  const share = successes / tries;
  const z2 = Z_95 ** 2;
  const center = share + z2 / (2 * tries);
  const margin = Z_95 * Math.sqrt((share * (1 - share)) / tries + z2 / (4 * tries * tries));
  const bound = (value: number) => Math.min(1, Math.max(0, value / (1 + z2 / tries)));
  // Rounding would leave 1e-18 where the bound is 0.
  return {
    low: successes <= 0 ? 0 : bound(center - margin),
    high: successes >= tries ? 1 : bound(center + margin),
  };
}

export interface Share extends Interval {
  readonly count: number;
  readonly of: number;
  /** null of none. */
  readonly share: number | null;
}

export const shareOf = (count: number, of: number): Share => ({
  ...{ count, of, share: of === 0 ? null : count / of },
  ...wilson(count, of),
});

/**
 * The share of a whole that a sample of it tells: Wilson's interval with as many tries as the sample is worth, which is
 * more the more of the whole it is (finite population correction). Of all of it there is nothing left to estimate.
 *
 * @param all how many the sample was taken from, evenly
 */
export function sampledShare(count: number, of: number, all: number): Share {
  if (of === 0) return shareOf(count, of);
  const share = count / of;
  if (of >= all) return { count, of, share, low: share, high: share };
  const worth = (of * (all - 1)) / (all - of);
  return { count, of, share, ...wilson(share * worth, worth) };
}

/** Tries of one customer, and how many of them succeeded. */
export interface Cluster {
  readonly tries: number;
  readonly successes: number;
}

/**
 * The interval of a share whose tries come several from one customer and are alike: Wilson's, with as many tries as
 * they are worth. That is their number divided by the design effect, the variance between customers over the one of
 * independent tries (J. Rao, A. Scott: A simple method for the analysis of clustered binary data, 1992). Where all or
 * none succeeded nothing can be seen of it, and each customer counts as one try, though all together as no more than
 * there are: tries may be fractions.
 */
export function clusteredShare(clusters: readonly Cluster[]): Share {
  let [count, of] = [0, 0];
  for (const { tries, successes } of clusters) {
    of += tries;
    count += successes;
  }
  const groups = clusters.length;
  if (of === groups || groups < 2) return shareOf(count, Math.max(of, 0));
  const share = count / of;
  let squares = 0;
  for (const { tries, successes } of clusters) squares += (successes - share * tries) ** 2;
  const between = ((groups / (groups - 1)) * squares) / (of * of);
  const independent = (share * (1 - share)) / of;
  const worth = independent === 0 ? Math.min(groups, of) : of / Math.max(1, between / independent);
  return { count, of, share, ...wilson(share * worth, worth) };
}

/** The interval of the difference of two shares, of their own intervals (R. Newcombe, 1998, method 10). */
export function differenceOf(a: Share, b: Share): (Interval & { readonly difference: number }) | null {
  if (a.share === null || b.share === null) return null;
  const difference = a.share - b.share;
  return {
    difference,
    low: difference - Math.hypot(a.share - a.low, b.high - b.share),
    high: difference + Math.hypot(a.high - a.share, b.share - b.low),
  };
}

/**
 * The interval of a mean on a scale with ends, such as 1 to 5. Alike answers have no spread of their own, so one answer
 * is added, half of it at each end of the scale. Where only the sum is known, the spread is the widest that such a mean
 * allows, (mean - least)(most - mean) (R. Bhatia, C. Davis, 2000): the interval is then too wide, never too narrow.
 *
 * @param squares sum of the squares of all answers
 */
export function meanInterval(
  { count, sum, squares }: { readonly count: number; readonly sum: number; readonly squares?: number },
  [least, most]: readonly [number, number],
): Interval | null {
  if (count <= 0) return null;
  const total = count + 1;
  const center = (sum + (least + most) / 2) / total;
  const variance =
    squares === undefined
      ? (center - least) * (most - center)
      : (squares + (least ** 2 + most ** 2) / 2) / total - center ** 2;
  const margin = Z_95 * Math.sqrt(Math.max(0, variance) / total);
  return { low: Math.max(least, center - margin), high: Math.min(most, center + margin) };
}

/** Rows in the order of their risk, lowest first, made once for many ways to weigh them. */
export interface RankedRows {
  /** Of each row in this order: who it belongs to, whether they left, and whether the next row has another risk. */
  readonly customer: Uint32Array;
  readonly left: Uint8Array;
  readonly endsTie: Uint8Array;
}

/** @param risk higher is worse. Rows whose risk is NaN are left out. */
export function rankRows(risk: Float64Array, left: Uint8Array, customer: Uint32Array): RankedRows {
  const order = Uint32Array.from(risk.keys()).filter((row) => !Number.isNaN(risk[row] ?? Number.NaN));
  order.sort((a, b) => (risk[a] ?? 0) - (risk[b] ?? 0));
  return {
    customer: order.map((row) => customer[row] ?? 0),
    left: Uint8Array.from(order, (row) => left[row] ?? 0),
    endsTie: Uint8Array.from(order, (row, place) => (risk[row] === risk[order[place + 1] ?? -1] ? 0 : 1)),
  };
}

/**
 * The chance that of one who left and one who stayed the first had the higher risk, ties half (Mann and Whitney). NaN
 * unless there are both.
 *
 * @param weights how often each customer counts; once when absent
 */
export function aucOf({ customer, left, endsTie }: RankedRows, weights?: ArrayLike<number>): number {
  let [below, pairs, tiedLeft, tiedStayed, allLeft] = [0, 0, 0, 0, 0];
  for (let place = 0; place < left.length; place++) {
    const weight = weights === undefined ? 1 : (weights[customer[place] ?? 0] ?? 0);
    if (left[place] === 1) tiedLeft += weight;
    else tiedStayed += weight;
    if (endsTie[place] === 1) {
      pairs += tiedLeft * (below + tiedStayed / 2);
      below += tiedStayed;
      allLeft += tiedLeft;
      tiedLeft = 0;
      tiedStayed = 0;
    }
  }
  return pairs / (allLeft * below);
}

/**
 * How much each customer pulls the AUC up or down: the sum over their rows of how often each wins its pairs, less the
 * AUC. Zeros unless there are both sides.
 */
export function aucInfluence({ customer, left, endsTie }: RankedRows, customers: number): Float64Array {
  const pulls = new Float64Array(customers);
  const allLeft = left.reduce((sum, is) => sum + is, 0);
  const allStayed = left.length - allLeft;
  const auc = aucOf({ customer, left, endsTie });
  if (Number.isNaN(auc)) return pulls;
  let [from, leftBelow] = [0, 0];
  for (let place = 0; place < left.length; place++) {
    if (endsTie[place] !== 1) continue;
    let tiedLeft = 0;
    for (let row = from; row <= place; row++) tiedLeft += left[row] ?? 0;
    const stayedBelow = from - leftBelow;
    const tiedStayed = place + 1 - from - tiedLeft;
    const wins = (stayedBelow + tiedStayed / 2) / allStayed;
    const losses = (allLeft - leftBelow - tiedLeft / 2) / allLeft;
    for (let row = from; row <= place; row++) {
      const one = customer[row] ?? 0;
      pulls[one] =
        (pulls[one] ?? 0) + (left[row] === 1 ? (wins - auc) / allLeft : (losses - auc) / allStayed);
    }
    leftBelow += tiedLeft;
    from = place + 1;
  }
  return pulls;
}

/**
 * Standard error of an AUC when rows of one customer are alike (N. Obuchowski: Nonparametric analysis of clustered ROC
 * curve data, 1997). The bootstrap by customer comes to the same, 400 times as slowly.
 */
export function clusteredError(influence: Float64Array): number {
  const count = influence.reduce((sum, pull) => sum + (pull === 0 ? 0 : 1), 0);
  if (count < 2) return 0;
  return Math.sqrt((count / (count - 1)) * influence.reduce((sum, pull) => sum + pull * pull, 0));
}

/** Standard error of an AUC (J. Hanley, B. McNeil: The meaning and use of the area under a ROC curve, 1982). */
export function aucError(auc: number, departures: number, stayed: number): number {
  const q1 = auc / (2 - auc) - auc ** 2;
  const q2 = (2 * auc ** 2) / (1 + auc) - auc ** 2;
  return Math.sqrt(
    (auc * (1 - auc) + (departures - 1) * q1 + (stayed - 1) * q2) / Math.max(1, departures * stayed),
  );
}

/** How much half a case of the smaller side makes of an AUC. */
const halfACase = (departures: number, stayed: number) => 1 / (2 * Math.min(departures, stayed));

/** An AUC that is no nearer to 0 or 1 than half a case allows. */
function insideOf(auc: number, departures: number, stayed: number): number {
  const edge = halfACase(departures, stayed);
  return Math.min(1 - edge, Math.max(edge, auc));
}

/** With so many customers on the smaller side, what rows say of their error counts as much as the formula. */
const EVEN = 10;

/**
 * Standard error of an AUC from both: the formula of Hanley and McNeil, which assumes how scores are spread, and what
 * the rows say of it, which a handful of departures can't. The more customers there are, the more the rows count.
 *
 * @param clustered what the rows say (`clusteredError`, or a bootstrap by customer); the formula alone without it
 */
function errorOfAuc(
  inside: number,
  departures: number,
  stayed: number,
  clustered: number | undefined,
): number {
  const assumed = aucError(inside, departures, stayed);
  if (clustered === undefined) return assumed;
  const share = EVEN / (EVEN + Math.min(departures, stayed));
  return Math.sqrt(share * assumed ** 2 + (1 - share) * clustered ** 2);
}

/**
 * The interval of an AUC on the logit scale, which keeps it within 0 and 1. It covers 93 to 97 % with 10 to 40
 * departures, where DeLong's covers 87 to 95 % and that of Hanley and McNeil alone up to 99 %, by how scores are spread.
 * A perfect AUC counts as if half a case of the smaller side had been wrong: towards 1 the logit has no end, and the
 * interval would become the wider the better the AUC.
 *
 * @param clustered the error by customer, as in `errorOfAuc`
 */
export function aucInterval(auc: number, departures: number, stayed: number, clustered?: number): Interval {
  const inside = insideOf(auc, departures, stayed);
  const width = errorOfAuc(inside, departures, stayed, clustered) / (inside * (1 - inside));
  return {
    low: Math.min(auc, expit(logit(inside) - Z_95 * width)),
    high: Math.max(auc, expit(logit(inside) + Z_95 * width)),
  };
}

/**
 * The interval of the difference of two AUCs of the same rows: of the error of each, less what moves both alike,
 * customer by customer (J. Hanley, B. McNeil: A method of comparing the areas under ROC curves derived from the same
 * cases, 1983). The error of each is the larger one of the two that `aucInterval` mixes: by influences alone a perfect
 * AUC would have none, nor would that of a constant score. Half a case of the smaller side counts as if it moved one of
 * the two only: who ranks all of these customers alike need not do so with others.
 */
export function aucDifference(
  a: RankedRows,
  b: RankedRows,
  {
    customers,
    departures,
    stayed,
  }: { readonly customers: number; readonly departures: number; readonly stayed: number },
): Interval & { readonly difference: number } {
  const [auc, other] = [aucOf(a), aucOf(b)];
  const [pulls, others] = [aucInfluence(a, customers), aucInfluence(b, customers)];
  const errorOf = (value: number, influence: Float64Array) =>
    Math.max(clusteredError(influence), aucError(insideOf(value, departures, stayed), departures, stayed));
  const [error, otherError] = [errorOf(auc, pulls), errorOf(other, others)];
  const product = (x: Float64Array, y: Float64Array) =>
    x.reduce((sum, value, customer) => sum + value * (y[customer] ?? 0), 0);
  const spread = Math.sqrt(product(pulls, pulls) * product(others, others));
  const alike = spread === 0 ? 0 : (product(pulls, others) / spread) * (1 - halfACase(departures, stayed));
  const margin = Z_95 * Math.sqrt(error ** 2 + otherError ** 2 - 2 * alike * error * otherError);
  const difference = auc - other;
  return { difference, low: Math.max(-1, difference - margin), high: Math.min(1, difference + margin) };
}
