import type { Bar, Fact, Section, Tile, Tone } from "@success-manager/pdf/document";
import { type BacktestContent, completedBacktest, latestCompleted } from "../../backtests/index.ts";
import { daysAfter } from "../../calendar.ts";
import { MIN_DEPARTURES } from "../../statistics/index.ts";
import type { Period } from "../period.ts";
import { note, type TableColumn, tableOf, text } from "./blocks.ts";
import {
  formatNumber,
  formatPercent,
  formatSentences,
  formatSeries,
  formatSigned,
  notRecorded,
} from "./format.ts";
import { buildSections, type ReportRequest } from "./query.ts";
import type { ReportContent } from "./report-types.ts";
import { isKey, say } from "./words.ts";

/**
 * "Can you trust this score?": a back-test on a page, for people who know no statistics. An AUC is told as pairs of a
 * customer who left and one who stayed, of a hundred; intervals as where the true value lies.
 */

type Estimate = { readonly low: number; readonly high: number };
type Backtest = Awaited<ReturnType<typeof completedBacktest>>["backtest"];

/** Of a hundred pairs. */
const pairs = (auc: number) => formatNumber(Math.round(100 * auc));
const bounds = ({ low, high }: Estimate) => ({ low: pairs(low), high: pairs(high) });
const percent = (share: number) => formatPercent(100 * share);

const VERDICTS = {
  better_than_chance: "backtest.better",
  no_better_than_chance: "backtest.no_better",
} as const;

/** The answer to the question in the title. */
function answerOf({ verdict, auc, departures, customers }: BacktestContent): string {
  if (verdict === "too_few_departures" || !auc) {
    const [left, stayed] = [auc?.departures ?? departures, auc?.stayed ?? customers - departures];
    return left < MIN_DEPARTURES
      ? say("backtest.too_few_left", { count: left, least: MIN_DEPARTURES })
      : say("backtest.too_few_stayed", { count: stayed, least: MIN_DEPARTURES });
  }
  const key = auc.high < 0.5 ? "backtest.wrong_way" : VERDICTS[verdict];
  return say(key, { value: pairs(auc.value), ...bounds(auc) });
}

const isJudged = ({ verdict }: BacktestContent) => verdict !== "too_few_departures";

/** How it does beside what is in use; undefined where that can't be said. */
function comparisonText({ comparison }: BacktestContent): string | undefined {
  const { verdict, tested, in_use, difference } = comparison ?? {};
  if (!tested || !in_use || !difference || verdict === "too_few_departures") return undefined;
  const figures = { tested: pairs(tested.value), in_use: pairs(in_use.value) };
  if (verdict === "better") return say("backtest.beats", figures);
  return say(difference.high < 0 ? "backtest.beaten" : "backtest.beats_not", figures);
}

/** The answer, and what has to be known with it. */
function sentencesOf(result: BacktestContent): string[] {
  const compared = comparisonText(result);
  const measures = formatSeries([...new Set(result.leaks.map(({ measure }) => measure))]);
  return [
    answerOf(result),
    ...(compared === undefined ? [] : [compared]),
    ...(measures === "" ? [] : [say("backtest.leak", { measures })]),
  ];
}

/** How many were red so long before they left. */
function redTile([first, ...others]: BacktestContent["red_before"]): Tile[] {
  if (!first || first.share === null) return [];
  const rest = others.flatMap(({ days, share }) =>
    share === null ? [] : [say("backtest.red_earlier", { days, share: percent(share) })],
  );
  const { days, share, count, of } = first;
  return [
    {
      label: say("backtest.red_before", { days }),
      value: percent(share),
      note: formatSentences([say("backtest.red_note", { count, of }), ...rest]),
    },
  ];
}

function tilesOf(result: BacktestContent): Tile[] {
  const { departures, customers, worst_tenth: tenth, left_while_green: green, red_before } = result;
  return [
    {
      label: say("backtest.departures"),
      value: formatNumber(departures),
      note: say("backtest.of_customers", { count: customers }),
    },
    ...(tenth && isJudged(result)
      ? [
          {
            label: say("backtest.worst_tenth"),
            value: say("backtest.times", { value: formatNumber(tenth.lift.value, 1) }),
            note: say("backtest.worst_tenth_note", {
              low: formatNumber(tenth.lift.low, 1),
              high: formatNumber(tenth.lift.high, 1),
            }),
          },
        ]
      : []),
    ...(departures > 0
      ? [
          {
            label: say("backtest.left_green"),
            value: formatNumber(green.count),
            note: say("backtest.of_departures", { count: departures }),
          },
        ]
      : []),
    ...(isJudged(result) ? redTile(red_before) : []),
  ];
}

type Band = BacktestContent["bands"][number]["band"];
const TONES: Readonly<Record<Band, Tone>> = {
  low: "good",
  medium: "fair",
  high: "poor",
  critical: "bad",
  unknown: "neutral",
};

/** Churn of each band that somebody was in, and what the score said of it, where that can be judged. */
const bandBars = (result: BacktestContent, limits: Readonly<Record<Band, number>>): Bar[] =>
  result.bands
    .filter(({ of }) => of > 0)
    .map(({ band, share, of, low, high, predicted }) => {
      const left = { share: percent(share ?? 0), of };
      return {
        label: say(`backtest.band_${band}`, { from: limits[band] }),
        value: 100 * (share ?? 0),
        valueText:
          predicted === null || !isJudged(result)
            ? say("backtest.bar", left)
            : say("backtest.bar_said", { ...left, said: percent(predicted) }),
        range: [100 * low, 100 * high],
        tone: TONES[band],
      };
    });

function fallsText({ falls, departures }: BacktestContent): string | undefined {
  if (falls.from_band_to_band === null || departures === 0) return undefined;
  if (!falls.from_band_to_band) return say("backtest.falls_not");
  return say(falls.clear ? "backtest.falls_clear" : "backtest.falls");
}

function bandsSection(result: BacktestContent, { horizon_days }: Backtest, bars: readonly Bar[]): Section {
  const { calibration } = result;
  const isUseless = calibration !== null && calibration.skill <= 0;
  const told = isJudged(result) ? [fallsText(result), isUseless && say("backtest.no_skill")] : [];
  const words = told.filter(Boolean).join(" ");
  return {
    heading: say("heading.churn_by_band"),
    about: say(isJudged(result) ? "backtest.about_bands" : "backtest.about_bands_alone", {
      days: horizon_days,
    }),
    blocks: [{ kind: "barChart", bars }, ...(words === "" ? [] : [text(words)])],
  };
}

type Measure = BacktestContent["measures"][number];

const MEASURES: readonly TableColumn<Measure>[] = [
  { heading: () => say("column.measure"), width: 2, cell: ({ measure }) => measure },
  {
    heading: () => say("column.known"),
    align: "right",
    cell: ({ coverage }) => percent(coverage),
    data: ({ coverage }) => String(coverage),
  },
  {
    heading: () => say("column.alone"),
    width: 1.4,
    align: "right",
    cell: ({ alone }) =>
      alone ? say("backtest.interval", { value: pairs(alone.value), ...bounds(alone) }) : notRecorded(),
    data: ({ alone }) => (alone ? String(alone.value) : ""),
  },
  {
    heading: () => say("column.adds"),
    width: 1.4,
    align: "right",
    cell: ({ contribution: adds }) =>
      adds
        ? say("backtest.interval", {
            value: formatSigned(100 * adds.difference, 1),
            low: formatSigned(100 * adds.low, 1),
            high: formatSigned(100 * adds.high, 1),
          })
        : notRecorded(),
    data: ({ contribution }) => (contribution ? String(contribution.difference) : ""),
  },
];

/** As many fit onto the page; fewer beside a sentence about leaks. */
const MOST_MEASURES = 4;
const MOST_BESIDE_LEAKS = 2;

const measuresSection = ({ measures, leaks }: BacktestContent, { keepsRows }: ReportRequest): Section => ({
  heading: say("heading.measures"),
  blocks: [
    tableOf(
      measures.toSorted((a, b) => (b.alone?.value ?? 0) - (a.alone?.value ?? 0)),
      MEASURES,
      { limit: leaks.length > 0 ? MOST_BESIDE_LEAKS : MOST_MEASURES, keepsRows },
    ),
  ],
});

const limitsSection = ({ limits }: BacktestContent): Section => ({
  heading: say("heading.limits"),
  blocks: [
    note(
      [
        say("backtest.limit_past"),
        say("backtest.limit_history"),
        ...limits.flatMap(({ kind, count }) => {
          const key = `backtest.limit_${kind}`;
          // Those of every back-test are in the sentence before.
          return isKey(key) ? [say(key, { count: count ?? 0 })] : [];
        }),
      ].join(" "),
    ),
  ],
});

const subtitleOf = ({ definition: { name, version } }: Backtest): string =>
  version === null ? say("backtest.draft", { name }) : say("backtest.version", { name, version });

const periodOf = ({ cuts, horizon_days }: Backtest): Period => {
  const [first, last] = [cuts[0] ?? "", cuts.at(-1) ?? ""];
  return { date_from: first, date_to: daysAfter(last, horizon_days) };
};

/**
 * A back-test: the answer, who left by band, whether chances come true, how early it warned, what each measure tells,
 * and what all of this can't tell. What can't be judged is left out.
 *
 * @throws 403 for who does not see all; 404 for a back-test that is not there; 409 for one that is not completed
 */
export async function scoreBacktest(request: ReportRequest): Promise<ReportContent> {
  const id = request.filters.backtest_id ?? (await latestCompleted());
  const { backtest, result, bands } = await completedBacktest(id);
  const sentences = sentencesOf(result);
  const figures = tilesOf(result);
  const bars = bandBars(result, { ...bands, critical: bands.high, unknown: 0 });
  const facts: Fact[] = [
    {
      label: say("fact.looked_ahead"),
      value: say("backtest.looked_ahead", { horizon: backtest.horizon_days, count: backtest.cuts.length }),
    },
  ];
  return {
    ...{ subtitle: subtitleOf(backtest), period: periodOf(backtest), facts },
    summary: {
      ...{ sentences, figures: figures.slice(0, 4) },
      ...(bars.length > 0 && { chart: { title: say("heading.churn_by_band"), bars } }),
    },
    substance: { state: [id, backtest.finished_at], activity: [] },
    sections: await buildSections(request, [
      [
        "summary",
        () => ({
          heading: say("heading.in_short"),
          blocks: [...sentences.map(text), { kind: "tiles", tiles: figures }],
        }),
      ],
      ...(bars.length > 0 ? ([["bands", () => bandsSection(result, backtest, bars)]] as const) : []),
      ...(isJudged(result) ? ([["measures", () => measuresSection(result, request)]] as const) : []),
      ["limits", () => limitsSection(result)],
    ]),
  };
}
