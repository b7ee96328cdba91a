import { type Interval, mean, quantile, type Share, shareOf } from "./estimates.ts";
import { createRandom, type Random } from "./random.ts";

/** How past renewals of a band ended. */
export interface RenewalHistory {
  readonly renewed: number;
  readonly lost: number;
}

/** Jeffreys' prior: half a renewal and half a loss. A band without history is unknown, neither safe nor lost. */
const PRIOR = 0.5;

/** A rate that the history allows, drawn from its Beta distribution. */
export const drawRate = ({ renewed, lost }: RenewalHistory, random: Random) =>
  random.beta(renewed + PRIOR, lost + PRIOR);

/** A renewal that is due. */
export interface OpenRenewal {
  readonly band: string;
  /** In cents, at least 0. */
  readonly amount: number;
}

export interface RenewalForecast {
  readonly renewals: number;
  /** What would be renewed if nobody left, in cents. */
  readonly at_stake: number;
  readonly expected: number;
  /** Nine times of ten at least so much, half of the time, one time of ten. In cents. */
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** The rate of each band that has renewals due. */
  readonly rates: readonly (RenewalHistory & { readonly band: string; readonly rate: number } & Interval)[];
}

const NO_HISTORY: RenewalHistory = { renewed: 0, lost: 0 };
const RUNS = 4_000;
/** The largest contracts of a band are drawn one by one, the others together: they make a forecast of thousands slow. */
const SINGLES = 16;
/** Up to so many are expected, successes are counted by inversion; of more, by the normal distribution. */
const FEW = 30;

/** How many of so many independent tries succeed: exact where few succeed or few fail. */
function successes(tries: number, rate: number, random: Random): number {
  if (rate > 0.5) return tries - successes(tries, 1 - rate, random);
  const expected = tries * rate;
  if (expected > FEW) {
    const drawn = Math.round(expected + Math.sqrt(expected * (1 - rate)) * random.normal());
    return Math.min(tries, Math.max(0, drawn));
  }
  const odds = rate / (1 - rate);
  let probability = (1 - rate) ** tries;
  let count = 0;
  for (let left = random.uniform() - probability; left > 0 && count < tries; left -= probability) {
    probability *= ((tries - count) / (count + 1)) * odds;
    count++;
  }
  return count;
}

/** The contracts of a band, as they are drawn. */
interface Drawn {
  readonly band: string;
  readonly past: RenewalHistory;
  readonly amount: number;
  /** Those that are drawn one by one. */
  readonly singles: Float64Array;
  /** The others: how many, their mean, and how far they are from it on average. */
  readonly others: number;
  readonly mean: number;
  readonly spread: number;
}

function drawnOf(band: string, past: RenewalHistory, all: readonly number[], most: number): Drawn {
  const amounts = Float64Array.from(all).sort().reverse();
  const singles = amounts.slice(0, most);
  const others = amounts.slice(most);
  const total = others.reduce((sum, amount) => sum + amount, 0);
  const middle = others.length === 0 ? 0 : total / others.length;
  const squares = others.reduce((sum, amount) => sum + (amount - middle) ** 2, 0);
  return {
    ...{ band, past, singles, others: others.length, mean: middle },
    amount: amounts.reduce((sum, amount) => sum + amount, 0),
    spread: others.length < 2 ? 0 : Math.sqrt(squares / (others.length - 1)),
  };
}

/** What is renewed of the others, where it is known how many of them are: a sample of so many without replacement. */
function amountOfOthers({ others, mean: middle, spread }: Drawn, count: number, random: Random): number {
  if (spread === 0 || count === 0 || count === others) return count * middle;
  const drawn = count * middle + spread * Math.sqrt(count * (1 - count / others)) * random.normal();
  return Math.min(others * middle, Math.max(0, drawn));
}

/**
 * What will be renewed of what is due. Each run of the simulation first draws the rate of every band from what its past
 * renewals allow, then renews or loses each contract. Rates as fixed numbers would make intervals of 80 % hold 75 % of
 * the time with 100 past renewals; drawn ones hold 81 %.
 *
 * Beyond the 16 largest contracts of a band it draws how many of the others are renewed, and then what these come to.
 * p10, p50 and p90 are then within 1 % of what is at stake of those where each is drawn.
 *
 * @param history of each band; a band without any may have every rate
 * @param singles how many contracts of a band are drawn one by one
 */
export function renewalForecast(
  renewals: readonly OpenRenewal[],
  history: Readonly<Record<string, RenewalHistory>>,
  {
    seed,
    runs = RUNS,
    singles = SINGLES,
  }: { readonly seed: number; readonly runs?: number; readonly singles?: number },
): RenewalForecast {
  const random = createRandom(seed);
  const amounts = Map.groupBy(renewals, ({ band }) => band);
  const historyOf = (band: string) =>
    (Object.hasOwn(history, band) ? history[band] : undefined) ?? NO_HISTORY;
  const due = [...amounts.keys()].sort().map((band) => ({
    ...drawnOf(
      band,
      historyOf(band),
      (amounts.get(band) ?? []).map(({ amount }) => amount),
      singles,
    ),
    rates: new Float64Array(runs),
  }));
  const totals = new Float64Array(runs);
  for (let run = 0; run < runs; run++) {
    let total = 0;
    for (const band of due) {
      const rate = drawRate(band.past, random);
      band.rates[run] = rate;
      for (const amount of band.singles) if (random.uniform() < rate) total += amount;
      if (band.others > 0) total += amountOfOthers(band, successes(band.others, rate, random), random);
    }
    totals[run] = total;
  }
  const meanRate = ({ renewed, lost }: RenewalHistory) => (renewed + PRIOR) / (renewed + lost + 2 * PRIOR);
  const sorted = totals.sort();
  const at = (share: number) => (runs === 0 ? 0 : Math.round(quantile(sorted, share)));
  return {
    renewals: renewals.length,
    at_stake: due.reduce((sum, { amount }) => sum + amount, 0),
    expected: Math.round(due.reduce((sum, { amount, past }) => sum + amount * meanRate(past), 0)),
    ...{ p10: at(0.1), p50: at(0.5), p90: at(0.9) },
    rates: due.map(({ band, past, rates }) => {
      const drawn = rates.sort();
      return {
        ...{ band, ...past, rate: meanRate(past) },
        ...{ low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) },
      };
    }),
  };
}

/** A forecast whose term is over, in cents. */
export interface PastForecast {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly actual: number;
}

export interface ForecastRecord {
  /** How many forecasts of 80 % held, with the interval of that share. */
  readonly held: Share;
  /** Mean of actual less p50, in cents: above 0, forecasts are too low. null of none. */
  readonly bias: number | null;
}

/** How good past forecasts were. */
export const forecastRecord = (past: readonly PastForecast[]): ForecastRecord => ({
  held: shareOf(past.filter(({ p10, p90, actual }) => p10 <= actual && actual <= p90).length, past.length),
  bias: past.length === 0 ? null : Math.round(mean(past.map(({ actual, p50 }) => actual - p50))),
});
