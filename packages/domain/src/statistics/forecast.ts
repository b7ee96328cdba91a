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

/**
 * What will be renewed of what is due. Each run of the simulation first draws the rate of every band from what its past
 * renewals allow, then renews or loses each contract. Rates as fixed numbers would make intervals of 80 % hold 75 % of
 * the time with 100 past renewals; drawn ones hold 81 %.
 *
 * @param history of each band; a band without any may have every rate
 */
export function renewalForecast(
  renewals: readonly OpenRenewal[],
  history: Readonly<Record<string, RenewalHistory>>,
  { seed, runs = RUNS }: { readonly seed: number; readonly runs?: number },
): RenewalForecast {
  const random = createRandom(seed);
  const bands = [...new Set(renewals.map(({ band }) => band))].sort();
  const historyOf = (band: string) =>
    (Object.hasOwn(history, band) ? history[band] : undefined) ?? NO_HISTORY;
  const due = bands.map((band) => ({
    band,
    past: historyOf(band),
    drawn: new Float64Array(runs),
    amounts: renewals.filter((renewal) => renewal.band === band).map(({ amount }) => amount),
  }));
  const totals = new Float64Array(runs);
  for (let run = 0; run < runs; run++) {
    let total = 0;
    for (const { past, amounts, drawn } of due) {
      const rate = drawRate(past, random);
      drawn[run] = rate;
      for (const amount of amounts) if (random.uniform() < rate) total += amount;
    }
    totals[run] = total;
  }
  const meanRate = ({ renewed, lost }: RenewalHistory) => (renewed + PRIOR) / (renewed + lost + 2 * PRIOR);
  const sorted = totals.sort();
  const at = (share: number) => (runs === 0 ? 0 : Math.round(quantile(sorted, share)));
  return {
    renewals: renewals.length,
    at_stake: renewals.reduce((sum, { amount }) => sum + amount, 0),
    expected: Math.round(
      renewals.reduce((sum, { band, amount }) => sum + amount * meanRate(historyOf(band)), 0),
    ),
    ...{ p10: at(0.1), p50: at(0.5), p90: at(0.9) },
    rates: due.map(({ band, past, drawn }) => {
      const rates = drawn.sort();
      return {
        ...{ band, ...past, rate: meanRate(past) },
        ...{ low: quantile(rates, 0.025), high: quantile(rates, 0.975) },
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
