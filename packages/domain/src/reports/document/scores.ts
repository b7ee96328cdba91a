import { scaleOf } from "@success-manager/contract/surveys";
import { type Product, SurveyType } from "@success-manager/contract/vocabulary";
import type { BarChart, Block, Section, Table, Text, Tile, Tone } from "@success-manager/pdf/document";
import {
  averageScore,
  countResponses,
  isNps,
  MIN_NPS_ANSWERS,
  meanScore,
  npsGroups,
} from "../../surveys/index.ts";
import type { Period } from "../period.ts";
import { note, stackedBar, tableOf, text } from "./blocks.ts";
import type { CsatData, ResponseCounts } from "./csat-data.ts";
import {
  formatCount,
  formatCountShares,
  formatList,
  formatNumber,
  formatPeriod,
  formatShares,
  formatSigned,
  formatSurveyType,
  versusPrevious,
} from "./format.ts";
import { type Compared, comparedCell, comparedChange, INCOMPLETE, mapCompared } from "./query.ts";
import {
  formatNpsInterval,
  linksText,
  noAnswersText,
  npsTile,
  printedNps,
  responseRateTile,
  satisfactionTiles,
} from "./satisfaction.ts";
import { csatTone, MATTERS, npsTone } from "./tones.ts";

/** The CSAT analysis in figures: scores by survey, promoters and detractors, products. */

const CHANGE_COLUMN = { heading: "Change", align: "right", width: 1.2 } as const;

function surveyTable(data: CsatData, period: Period): Table {
  const surveys = SurveyType.options.flatMap((type) => {
    const responses = mapCompared(data, (all) => all.filter(({ survey_type }) => survey_type === type));
    const averages = mapCompared(responses, meanScore);
    return averages.current === null
      ? []
      : [{ type, averages, average: averages.current, count: countResponses(responses.current) }];
  });
  return tableOf(
    surveys,
    [
      { heading: "Survey", width: 2, cell: ({ type }) => formatSurveyType(type) },
      { heading: "Scale", cell: ({ type }) => `${scaleOf(type).min} to ${scaleOf(type).max}` },
      { heading: "Answers", align: "right", cell: ({ count }) => formatNumber(count) },
      { heading: "Average", align: "right", cell: ({ average }) => formatNumber(average, 2) },
      {
        ...CHANGE_COLUMN,
        cell: ({ averages }) => comparedCell(averages, { decimals: 2, matters: MATTERS.csat }),
      },
    ],
    { title: `By survey, with changes ${versusPrevious(period)}` },
  );
}

/** From the best score on: what it is called, and how good it is. */
const SCORES: readonly (readonly [score: number, label: string, tone: Tone])[] = [
  [5, "5, best", "good"],
  [4, "4", "good"],
  [3, "3", "fair"],
  [2, "2", "poor"],
  [1, "1, worst", "bad"],
];

/** How often each score was given; undefined when none was. */
function distribution(
  title: string,
  responses: ResponseCounts,
  scores: readonly (readonly [score: number, label: string, tone: Tone])[],
): BarChart | undefined {
  if (countResponses(responses) === 0) return undefined;
  const counts = scores.map(([score]) =>
    countResponses(responses.filter((response) => response.score === score)),
  );
  const texts = formatCountShares(counts);
  return {
    kind: "barChart",
    title,
    bars: scores.map(([, label, tone], n) => {
      return { label, value: counts[n] ?? 0, valueText: texts[n] ?? "", tone };
    }),
  };
}

/** How often each score from 1 to 5 was given; undefined when none was. */
export const scoreBars = (responses: ResponseCounts): BarChart | undefined =>
  distribution(
    "Scores from 1 to 5",
    responses.filter((response) => !isNps(response)),
    SCORES,
  );

/** How satisfied customers were, in figures. */
export function scoresSection(data: CsatData, period: Period): Section {
  const { current, links, complete } = data;
  const heading = "Scores";
  const incomplete = complete ? [] : [note(INCOMPLETE)];
  const sent = links ? [note(linksText(links))] : [];
  if (countResponses(current) === 0)
    return { heading, blocks: [text(noAnswersText(data)), ...incomplete, ...sent] };
  const bars = scoreBars(current);
  return {
    heading,
    about:
      `${formatPeriod(period)}. CSAT is the mean of scores from 1 to 5; NPS has a scale of its own, from 0 to 10, ` +
      "and is never mixed with it.",
    blocks: [
      {
        kind: "tiles",
        tiles: [...satisfactionTiles(data, period), ...(links ? [responseRateTile(links, period)] : [])],
      },
      ...incomplete,
      surveyTable(data, period),
      ...(bars ? [bars] : []),
      ...sent,
    ],
  };
}

const NPS_SCORES = Array.from({ length: 11 }, (_, n) => 10 - n).map(
  (score) => [score, String(score), npsTone(score)] as const,
);

/** `The scores are 10, 9 and 3.` */
function listedScores(nps: ResponseCounts): Text {
  const scores = nps
    .flatMap(({ score, amount }) => Array.from({ length: amount }, () => score))
    .sort((a, b) => b - a);
  return text(`The ${scores.length === 1 ? "score is" : "scores are"} ${formatList(scores.map(String))}.`);
}

/** Promoters, passives and detractors, and the score that follows from them. */
export function npsSection(data: CsatData, period: Period): Section {
  const nps = data.current.filter(isNps);
  const total = countResponses(nps);
  const { promoters, passives, detractors } = npsGroups(nps);
  const shares = formatShares([promoters, passives, detractors]);
  // Of few answers shares would say more than there is to say, and eleven bars would be empty but for some.
  const isEnough = total >= MIN_NPS_ANSWERS;
  const share = (label: string, count: number, percent = ""): Tile =>
    isEnough
      ? { label, value: percent, note: formatCount(count, "answer") }
      : { label, value: formatNumber(count), note: `of ${formatCount(total, "answer")}` };
  const bars = isEnough ? distribution("Scores from 0 to 10", nps, NPS_SCORES) : undefined;
  const blocks: Block[] =
    total === 0
      ? [text("Nobody answered an NPS survey in this period.")]
      : [
          {
            kind: "tiles",
            tiles: [
              npsTile(data, period),
              share("Promoters, 9 and 10", promoters, shares[0]),
              share("Passives, 7 and 8", passives, shares[1]),
              share("Detractors, 0 to 6", detractors, shares[2]),
            ],
          },
          ...(bars
            ? [
                stackedBar(formatCount(total, "NPS answer"), [
                  { label: "Promoters", value: promoters, tone: "good" },
                  { label: "Passives", value: passives, tone: "fair" },
                  { label: "Detractors", value: detractors, tone: "bad" },
                ]),
                bars,
              ]
            : [listedScores(nps)]),
        ];
  return {
    heading: "Net promoter score",
    about:
      "The share of promoters less the share of detractors, from −100 to +100, in the period " +
      `${formatPeriod(period)}; printed from ${MIN_NPS_ANSWERS} answers on, with the range in which it lies by ` +
      "95% if they are a sample.",
    blocks,
  };
}

type ProductResponses = Compared<ResponseCounts> & { readonly product: Product };

/** The means of the 1 to 5 scores; what follows a bar has to be short, so the number of answers goes before it. */
function csatBars(products: readonly ProductResponses[], period: Period): BarChart {
  const bars = products.flatMap(({ product, ...responses }) => {
    const { current } = responses;
    const averages = mapCompared(responses, averageScore);
    const average = averages.current;
    if (average === null) return [];
    const { note: change } = comparedChange(averages, { against: "", decimals: 2 });
    const answers = formatCount(countResponses(current.filter((response) => !isNps(response))), "answer");
    return [
      {
        label: `${product}, ${answers}`,
        value: average,
        valueText: `${formatNumber(average, 2)}${averages.previous === null ? "" : ` (${change.trim()})`}`,
        tone: csatTone(average),
      },
    ];
  });
  const isCompared = products.some(({ previous }) => averageScore(previous) !== null);
  const title = isCompared ? `Average CSAT, with changes ${versusPrevious(period)}` : "Average CSAT";
  return { kind: "barChart", title, bars, max: 5 };
}

/** Net promoter scores of five answers at least: they may be below 0, where no bar goes. */
const npsTable = (products: readonly ProductResponses[], period: Period): Table =>
  tableOf(
    products.flatMap(({ product, ...responses }) => {
      const scores = mapCompared(responses, printedNps);
      const { current } = responses;
      const count = countResponses(current.filter(isNps));
      return scores.current === null ? [] : [{ product, nps: scores.current, scores, count, current }];
    }),
    [
      { heading: "Product", width: 2, cell: ({ product }) => product },
      { heading: "NPS", align: "right", cell: ({ nps }) => formatSigned(nps) },
      {
        heading: "95% within",
        align: "right",
        width: 1.4,
        cell: ({ current }) => formatNpsInterval(current),
      },
      { ...CHANGE_COLUMN, cell: ({ scores }) => comparedCell(scores, { matters: MATTERS.nps }) },
      { heading: "Answers", align: "right", cell: ({ count }) => formatNumber(count) },
    ],
    { title: `NPS, with changes ${versusPrevious(period)}` },
  );

/** How satisfied customers were with each product that they answered about. */
export function byProductSection({ current, byProduct }: CsatData, period: Period): Section {
  const products = [...byProduct]
    .map(([product, compared]): ProductResponses => ({ product, ...compared }))
    .filter((about) => countResponses(about.current) > 0);
  const heading = "By product";
  const about = `${formatPeriod(period)}.`;
  if (products.length === 0)
    return { heading, blocks: [text("No answer of this period is about a product.")] };
  const bars = csatBars(products, period);
  const nps = npsTable(products, period);
  const others =
    countResponses(current) - products.reduce((sum, about) => sum + countResponses(about.current), 0);
  return {
    heading,
    about,
    blocks: [
      ...(bars.bars.length > 0 ? [bars] : []),
      ...(nps.rows.length > 0 ? [nps] : []),
      ...(others > 0
        ? [note(`${formatCount(others, "more answer is", "more answers are")} about no product.`)]
        : []),
    ],
  };
}
