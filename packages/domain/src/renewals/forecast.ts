/**
 * What will be renewed in a quarter (decisions 60 and 63), the forecasts as they were each week, and how good they were.
 * Forecasts are made in memory; what was forecast is one query, whatever the portfolio's size.
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type {
  ForecastFilter,
  ForecastRecord,
  ForecastSnapshot,
  RenewalForecast,
  RenewalGroup,
  SnapshotFilter,
} from "@success-manager/contract/renewals";
import { compareText } from "@success-manager/contract/text";
import { type HealthRisk as Band, HealthRisk, RenewalStage } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, daysBetween, mondayOf } from "../calendar.ts";
import { type Directory, getDirectory, paginate, sortedView } from "../directory/index.ts";
import { formatCents } from "../figures.ts";
import { Retention } from "../outcomes/index.ts";
import { forecastRecord, type RenewalHistory, renewalForecast, wilson } from "../statistics/index.ts";
import {
  batchGet,
  commit,
  ENTITY_NAME,
  ForecastBasisEntity,
  ForecastResultEntity,
  type ForecastResultItem,
  ForecastSnapshotEntity,
  type ForecastSnapshotItem,
  getRequest,
  NOT_EXISTS,
  partitions,
  put,
  queryAll,
  type RenewalSum,
} from "../table/index.ts";
import { allRenewals, stageOf } from "./list.ts";
import { bandOf, type Renewal, renewedAmount } from "./renewals.ts";

type Period = Retention.Period;

/** The quarter behind another. */
const nextQuarter = ({ last_day }: Period) =>
  Retention.periodOf(Retention.quarterName(daysAfter(last_day, 1)), last_day);

function quarterOf(name: string, today: string): Period {
  const current = Retention.periodOf(Retention.quarterName(today), today);
  if (name === "current") return current;
  return name === "next" ? nextQuarter(current) : Retention.periodOf(name, today);
}

/**
 * How renewals ended, by the band that they had 90 days before the end of their term: of those that came later, or
 * ended earlier, on the day of their creation. Those without a band count for none.
 */
export function historyOf(renewals: Iterable<Renewal>): Readonly<Partial<Record<Band, RenewalHistory>>> {
  const history: Partial<Record<Band, { renewed: number; lost: number }>> = {};
  for (const { ending, stored } of renewals) {
    const band = stored?.lead_band ?? stored?.created_band;
    if (!ending || band === undefined) continue;
    history[band] ??= { renewed: 0, lost: 0 };
    history[band][ending.stage] += 1;
  }
  return history;
}

/** A number of 32 bits that follows from a text (FNV-1a). */
function seedOf(text: string): number {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(text)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed >>> 0;
}

/** A key is the same however its name is spelled; but users' ids are others in each environment, their names are not. */
const nameOf = ({ group, label }: { readonly group: string; readonly label: string }) =>
  group.startsWith("user:") ? label : group;

/** Groups are many, and smaller. */
const [RUNS, RUNS_OF_GROUP] = [4_000, 1_000];

/** The figures of some renewals, in integer cents. */
function figuresOf(
  renewals: readonly Renewal[],
  history: ReturnType<typeof historyOf>,
  { seed, runs }: { readonly seed: string; readonly runs: number },
) {
  const sums = { at_stake: 0, renewed: 0, lost: 0, open: 0 };
  const counts = { renewed: 0, lost: 0, open: 0 };
  const open: { readonly band: Band; readonly amount: number }[] = [];
  for (const renewal of renewals) {
    const { ending, amount = 0 } = renewal;
    const state = ending?.stage ?? "open";
    counts[state] += 1;
    sums.at_stake += amount;
    sums[state] += state === "renewed" ? renewedAmount(renewal) : amount;
    if (!ending) open.push({ band: bandOf(renewal.row), amount });
  }
  const simulated = renewalForecast(open, history, { seed: seedOf(seed), runs });
  const share = (state: keyof typeof counts): RenewalSum => ({ renewals: counts[state], cents: sums[state] });
  return {
    at_stake: { renewals: renewals.length, cents: sums.at_stake },
    ...{ renewed: share("renewed"), lost: share("lost"), open: share("open") },
    expected: sums.renewed + simulated.expected,
    p10: sums.renewed + simulated.p10,
    p50: sums.renewed + simulated.p50,
    p90: sums.renewed + simulated.p90,
    rates: simulated.rates.map((rate) => ({
      ...rate,
      open: open.reduce(
        (sum, { band, amount }) =>
          band === rate.band ? { renewals: sum.renewals + 1, cents: sum.cents + amount } : sum,
        { renewals: 0, cents: 0 },
      ),
    })),
  };
}

type Figures = ReturnType<typeof figuresOf>;

const share = ({ renewals, cents }: RenewalSum) => ({ renewals, amount: formatCents(cents) });

const toFigures = (figures: Omit<Figures, "rates">) => ({
  at_stake: share(figures.at_stake),
  renewed: share(figures.renewed),
  lost: share(figures.lost),
  open: share(figures.open),
  expected: formatCents(figures.expected),
  p10: formatCents(figures.p10),
  p50: formatCents(figures.p50),
  p90: formatCents(figures.p90),
});

const rounded = (value: number) => Math.round(value * 1_000) / 1_000;

const isBand = (word: string): word is Band => HealthRisk.options.some((one) => one === word);

const toRates = ({ rates }: Figures): RenewalForecast["rates"] =>
  rates
    .flatMap(({ band, open, renewed, lost, rate, low, high }) =>
      isBand(band)
        ? [
            {
              ...{ band, open: share(open), renewed, lost, n: renewed + lost },
              ...{ rate: rounded(rate), low: rounded(low), high: rounded(high) },
            },
          ]
        : [],
    )
    .sort((a, b) => HealthRisk.options.indexOf(a.band) - HealthRisk.options.indexOf(b.band));

/** Of whom renewals are, as they are now: the same key for the same group, and what it is called. */
function groupsOf(renewals: readonly Renewal[], by: RenewalGroup) {
  if (by === "band" || by === "stage") {
    const keyOf = (one: Renewal) => (by === "band" ? bandOf(one.row) : stageOf(one));
    const groups = Map.groupBy(renewals, keyOf);
    return [...HealthRisk.options, ...RenewalStage.options].flatMap((group) => {
      const own = groups.get(group);
      return own ? [{ group, label: group.replaceAll("_", " "), own }] : [];
    });
  }
  const { keyOf, labelOf } = Retention.grouping(by);
  const groups = Map.groupBy(renewals, ({ row, amount = 0 }) => keyOf(row, amount));
  return Array.from(groups, ([group, own]) => ({ group, label: labelOf(group), own }));
}

const renewalsIn = (all: readonly Renewal[], { first_day, last_day }: Period) =>
  all.filter(({ term_end }) => first_day <= term_end && term_end <= last_day);

/**
 * The forecast of a quarter, of all and by group. It follows from what is known and from what is asked: two calls are
 * equal until something changes.
 *
 * @param today `YYYY-MM-DD`
 */
export function forecastOf(
  directory: Directory,
  { period: name, by }: ForecastFilter,
  today: string,
): RenewalForecast {
  const period = quarterOf(name, today);
  const { first_day, last_day } = period;
  return directory.memoize(`renewal forecast ${today} ${period.name} ${by}`, () => {
    const all = allRenewals(directory, today);
    const history = historyOf(all);
    const own = renewalsIn(all, period);
    const figures = figuresOf(own, history, { seed: period.name, runs: RUNS });
    const groups = (by ? groupsOf(own, by) : []).map(({ group, label, own: some }) => {
      const seed = `${period.name} ${by} ${nameOf({ group, label })}`;
      const sums = figuresOf(some, history, { seed, runs: RUNS_OF_GROUP });
      return { group, label, cents: sums.at_stake.cents, ...toFigures(sums) };
    });
    if (by !== "band" && by !== "stage")
      groups.sort(
        (a, b) => b.cents - a.cents || compareText(a.label, b.label) || (a.group < b.group ? -1 : 1),
      );
    return {
      ...{ period: period.name, first_day, last_day, as_of: today, by: by ?? null },
      ...toFigures(figures),
      rates: toRates(figures),
      groups: groups.map(({ cents: _, ...group }) => group),
    };
  });
}

export const forecast = async (query: ForecastFilter): Promise<RenewalForecast> =>
  forecastOf(await getDirectory(), query, dateOf(new Date()));

// Snapshots

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** A renewal takes 40 bytes at most once it is packed, an item 400 KB. */
const RENEWALS_OF_PART = 6_000;

/** A renewal of a snapshot, with what was at stake then, in cents. */
type BasisEntry = readonly [id: string, cents: number];

const pack = async (entries: readonly BasisEntry[]) =>
  (await compress(JSON.stringify(entries.map(([id, cents]) => [id, cents])))).toString("base64");

/** Only `pack` makes them. */
const unpack = async (content: string) =>
  JSON.parse((await decompress(Buffer.from(content, "base64"))).toString()) as readonly BasisEntry[];

/** All snapshots, and what became of them; one query of half a kilobyte for each week and quarter. */
async function loadForecasts() {
  const items = await queryAll<Readonly<Record<string, unknown>>>({
    partition: partitions.renewalForecasts(),
  });
  const of = (name: string) => items.filter((item) => item[ENTITY_NAME] === name);
  return {
    // By their entity's name.
    snapshots: of("forecast_snapshot") as unknown as readonly ForecastSnapshotItem[],
    results: new Map(
      (of("forecast_result") as unknown as readonly ForecastResultItem[]).map((one) => [one.period, one]),
    ),
  };
}

/** So long after a quarter its renewals are waited for. */
const WAIT_DAYS = 90;

/**
 * Keeps the forecasts of the present quarter and the next as they are in this week, once, and notes what became of those
 * of quarters that are over. A quarter is judged when all renewals of its snapshots have ended, or 90 days after it:
 * then those that have not ended count as not renewed. Neither is ever changed.
 *
 * @param today `YYYY-MM-DD`
 * @returns how many snapshots and quarters are new
 */
export async function keepForecasts(directory: Directory, today: string, now: Date) {
  const { snapshots, results } = await loadForecasts();
  const created_at = now.toISOString();
  const all = allRenewals(directory, today);
  const history = historyOf(all);
  const week = mondayOf(today);
  const current = quarterOf("current", today);
  let taken = 0;
  for (const period of [current, nextQuarter(current)]) {
    if (snapshots.some((one) => one.period === period.name && one.week === week)) continue;
    const own = renewalsIn(all, period);
    const { rates: _, ...figures } = figuresOf(own, history, { seed: period.name, runs: RUNS });
    const entries = own.map(({ id, amount = 0 }): BasisEntry => [id, amount]);
    const contents = await Promise.all(
      Array.from({ length: Math.ceil(entries.length / RENEWALS_OF_PART) }, (_, n) =>
        pack(entries.slice(n * RENEWALS_OF_PART, (n + 1) * RENEWALS_OF_PART)),
      ),
    );
    const key = { period: period.name, week };
    const failed = await commit([
      put(
        ForecastSnapshotEntity,
        { ...key, taken_on: today, ...figures, parts: contents.length, created_at },
        NOT_EXISTS,
      ),
      ...contents.map((content, part) => put(ForecastBasisEntity, { ...key, part, content }, NOT_EXISTS)),
    ]);
    if (failed.length === 0) taken += 1;
  }
  let judged = 0;
  const byId = new Map(all.map((renewal) => [renewal.id, renewal]));
  for (const [name, some] of Map.groupBy(snapshots, ({ period }) => period)) {
    const { last_day } = Retention.periodOf(name, today);
    if (last_day >= today || results.has(name)) continue;
    const bases = await Promise.all(some.map(loadBasis));
    const isOpen = (id: string) => {
      const renewal = byId.get(id);
      return renewal !== undefined && !renewal.ending;
    };
    const waits = bases.some((entries) => entries.some(([id]) => isOpen(id)));
    if (waits && today <= daysAfter(last_day, WAIT_DAYS)) continue;
    const renewedOf = ([id, cents]: BasisEntry) => {
      const renewal = byId.get(id);
      return renewal ? renewedAmount({ ending: renewal.ending, amount: cents }) : 0;
    };
    const actual = Object.fromEntries(
      some.map(({ week: of }, n) => [of, (bases[n] ?? []).reduce((sum, entry) => sum + renewedOf(entry), 0)]),
    );
    const result = put(
      ForecastResultEntity,
      { period: name, judged_on: today, actual, created_at },
      NOT_EXISTS,
    );
    if ((await commit([result])).length === 0) judged += 1;
  }
  return { taken, judged };
}

async function loadBasis({ period, week, parts }: ForecastSnapshotItem): Promise<readonly BasisEntry[]> {
  const requests = Array.from({ length: parts }, (_, part) =>
    getRequest(ForecastBasisEntity, `${period}#${week}#${part}`),
  );
  const found = await batchGet(...requests);
  const contents = await Promise.all(found.map((item) => (item ? unpack(item.content) : [])));
  return contents.flat();
}

const weeksAhead = ({ period, week }: ForecastSnapshotItem): number =>
  Math.floor(daysBetween(week, Retention.periodOf(period, week).last_day) / 7);

/** Whether what was renewed lay where it was forecast. */
const holds = ({ p10, p90 }: Pick<ForecastSnapshotItem, "p10" | "p90">, actual: number) =>
  p10 <= actual && actual <= p90;
/** Where nothing was at stake in what was open, nothing was forecast. */
export const isForecast = ({ open }: Pick<ForecastSnapshotItem, "open">) => open.cents > 0;

function toSnapshot(item: ForecastSnapshotItem, result: ForecastResultItem | undefined): ForecastSnapshot {
  const { period, week, taken_on } = item;
  const { first_day, last_day } = Retention.periodOf(period, week);
  const actual = result?.actual[week];
  return {
    ...{ period, first_day, last_day, week, taken_on, weeks_ahead: weeksAhead(item) },
    ...toFigures(item),
    actual: actual === undefined ? null : formatCents(actual),
    held: actual === undefined || !isForecast(item) ? null : holds(item, actual),
  };
}

/** Forecasts as they were, the newest first. @throws 422 for a cursor of another list */
export async function snapshots({ period, ...paging }: SnapshotFilter) {
  const { snapshots: all, results } = await loadForecasts();
  const view = sortedView(
    () => all.filter((one) => period === undefined || one.period === period),
    ({ week }) => week,
    (one) => one.period,
  );
  const { rows, ...page } = paginate(view, "desc", () => true, paging);
  return { snapshots: rows.map((one) => toSnapshot(one, results.get(one.period))), ...page };
}

/** A forecast, and what was renewed of its renewals in cents. */
export interface Judged {
  readonly snapshot: Pick<ForecastSnapshotItem, "period" | "p10" | "p50" | "p90">;
  readonly actual: number;
}

const signed = (cents: number) => `${cents < 0 ? "-" : ""}${formatCents(Math.abs(cents))}`;

const recordOfAll = (judged: readonly Judged[]) =>
  forecastRecord(judged.map(({ snapshot: { p10, p50, p90 }, actual }) => ({ p10, p50, p90, actual })));

/**
 * How often intervals held. Snapshots of one quarter are about the same renewals, so each quarter is one try, however
 * many it has: by the share of them that held. The share is the mean of these.
 */
export function recordOf(judged: readonly Judged[]) {
  const { held, bias } = recordOfAll(judged);
  const quarters = [...Map.groupBy(judged, ({ snapshot }) => snapshot.period).values()];
  const periods = quarters.length;
  const tries = quarters.reduce((sum, some) => sum + (recordOfAll(some).held.share ?? 0), 0);
  const { low, high } = wilson(tries, periods);
  return {
    ...{ snapshots: judged.length, periods, held: held.count },
    ...{ share: periods === 0 ? null : rounded(tries / periods) },
    ...{ low: rounded(low), high: rounded(high), bias: bias === null ? null : signed(bias) },
  };
}

/** Of fewer quarters nobody can tell how often intervals hold. */
const ENOUGH_PERIODS = 8;
const EXPECTED = 0.8;

/** A record in words. */
export function sentenceOf({
  snapshots: count,
  periods,
  held,
  share: part,
  low,
  high,
  bias,
}: ReturnType<typeof recordOf>) {
  if (part === null) return "No quarter with forecasts is over and decided yet.";
  const quarters = periods === 1 ? "1 quarter" : `${periods} quarters`;
  const forecasts = count === 1 ? "1 forecast" : `${count} forecasts`;
  const verdict =
    periods < ENOUGH_PERIODS
      ? `${quarters} can't tell whether that is as it should be: forecasts of one quarter are about the same renewals.`
      : low > EXPECTED || high < EXPECTED
        ? `That is too ${low > EXPECTED ? "often: the intervals are too wide" : "rarely: the intervals are too narrow"}.`
        : "That is as it should be, as far as so many quarters can tell.";
  const amount = (bias ?? "0.00").replace("-", "");
  const error =
    Number(amount) === 0
      ? "On average the middle of the forecast was what was renewed."
      : `On average ${amount} ${bias?.startsWith("-") ? "less" : "more"} than the middle of the forecast was renewed.`;
  const shown = `${Math.round(100 * part)} %${periods === 1 ? "" : " if each quarter counts alike"}`;
  return `Of ${forecasts} of ${quarters}, ${held} held (${shown}, where 80 % should). ${verdict} ${error}`;
}

/** How good forecasts of quarters were that are over, also by how many weeks before the quarter's end they were made. */
export async function record(): Promise<ForecastRecord> {
  const today = dateOf(new Date());
  const { snapshots: all, results } = await loadForecasts();
  const judged = all.flatMap((snapshot) => {
    const actual = results.get(snapshot.period)?.actual[snapshot.week];
    return actual === undefined || !isForecast(snapshot) ? [] : [{ snapshot, actual }];
  });
  const leads = Map.groupBy(judged, ({ snapshot }) => weeksAhead(snapshot));
  const whole = recordOf(judged);
  const isPending = (period: string) =>
    !results.has(period) && Retention.periodOf(period, today).last_day < today;
  return {
    ...whole,
    sentence: sentenceOf(whole),
    leads: Array.from(leads, ([weeks_ahead, some]) => ({ weeks_ahead, ...recordOf(some) })).sort(
      (a, b) => a.weeks_ahead - b.weeks_ahead,
    ),
    pending_periods: [...new Set(all.map(({ period }) => period))].filter(isPending).sort(),
  };
}
