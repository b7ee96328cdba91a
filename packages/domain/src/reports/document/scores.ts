import { scaleOf } from "@success-manager/contract/surveys";
import { type Product, SurveyType } from "@success-manager/contract/vocabulary";
import type { BarChart, Block, Section, Table, Text, Tile, Tone } from "@success-manager/pdf/document";
import {
  averageScore,
  countResponses,
  isNps,
  MIN_NPS_ANSWERS,
  meanFigure,
  meanScore,
  npsGroups,
  sumScores,
} from "../../surveys/index.ts";
import type { Period } from "../period.ts";
import { note, stackedBar, tableOf, text } from "./blocks.ts";
import type { CsatData, ResponseCounts } from "./csat-data.ts";
import {
  formatCountShares,
  formatList,
  formatNumber,
  formatPeriod,
  formatShares,
  formatSigned,
  formatSurveyType,
  versusPrevious,
} from "./format.ts";
import { type Compared, comparedCell, incompleteText, mapCompared } from "./query.ts";
import {
  aboutPeriod,
  formatMeanInterval,
  formatNpsInterval,
  linksText,
  noAnswersText,
  npsTile,
  printedCsat,
  printedNps,
  responseRateTile,
  satisfactionTiles,
} from "./satisfaction.ts";
import { csatTone, MATTERS, npsTone } from "./tones.ts";
import { say } from "./words.ts";

/** The CSAT analysis in figures: scores by survey, promoters and detractors, products. */

const CHANGE_COLUMN = { heading: () => say("column.change"), align: "right", width: 1.2 } as const;

function surveyTable(data: CsatData, period: Period): Table {
  const surveys = SurveyType.options.flatMap((type) => {
    const responses = mapCompared(data, (all) => all.filter(({ survey_type }) => survey_type === type));
    const averages = mapCompared(responses, meanScore);
    return averages.current === null
      ? []
      : [
          {
            ...{ type, averages, average: averages.current, count: countResponses(responses.current) },
            interval: formatMeanInterval(meanFigure(sumScores(responses.current), null, type)),
          },
        ];
  });
  return tableOf(
    surveys,
    [
      { heading: say("column.survey"), width: 2, cell: ({ type }) => formatSurveyType(type) },
      { heading: say("column.scale"), cell: ({ type }) => say("scores.scale", { ...scaleOf(type) }) },
      { heading: say("column.answers"), align: "right", cell: ({ count }) => formatNumber(count) },
      { heading: say("column.average"), align: "right", cell: ({ average }) => formatNumber(average, 2) },
      { heading: say("column.interval"), align: "right", width: 1.4, cell: ({ interval }) => interval },
      {
        ...CHANGE_COLUMN,
        cell: ({ averages }) => comparedCell(averages, { decimals: 2, matters: MATTERS.csat }),
      },
    ],
    { title: say("scores.by_survey", { against: versusPrevious(period) }) },
  );
}

/** From the best score on: how good it is, and what it is called beside its number. */
const SCORES: readonly (readonly [score: number, tone: Tone, end?: "best" | "worst"])[] = [
  [5, "good", "best"],
  [4, "good"],
  [3, "fair"],
  [2, "poor"],
  [1, "bad", "worst"],
];

/** How often each score was given; undefined when none was. */
function distribution(
  title: string,
  responses: ResponseCounts,
  scores: readonly (readonly [score: number, tone: Tone, end?: "best" | "worst"])[],
): BarChart | undefined {
  if (countResponses(responses) === 0) return undefined;
  const counts = scores.map(([score]) =>
    countResponses(responses.filter((response) => response.score === score)),
  );
  const texts = formatCountShares(counts);
  return {
    kind: "barChart",
    title,
    bars: scores.map(([score, tone, end], n) => ({
      label: end === undefined ? String(score) : say(`scores.${end}`, { score }),
      ...{ value: counts[n] ?? 0, valueText: texts[n] ?? "", tone },
    })),
  };
}

/** How often each score from 1 to 5 was given; undefined when none was. */
export const scoreBars = (responses: ResponseCounts): BarChart | undefined =>
  distribution(
    say("scores.one_to_five"),
    responses.filter((response) => !isNps(response)),
    SCORES,
  );

/** How satisfied customers were, in figures. */
export function scoresSection(data: CsatData, period: Period): Section {
  const { current, links, complete } = data;
  const heading = say("heading.scores");
  const incomplete = complete ? [] : [note(incompleteText())];
  const sent = links ? [note(linksText(links))] : [];
  if (countResponses(current) === 0)
    return { heading, blocks: [text(noAnswersText(data)), ...incomplete, ...sent] };
  const bars = scoreBars(current);
  return {
    heading,
    about: say("scores.about", { period: formatPeriod(period) }),
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
  (score) => [score, npsTone(score)] as const,
);

/** `The scores are 10, 9 and 3.` */
function listedScores(nps: ResponseCounts): Text {
  const scores = nps
    .flatMap(({ score, amount }) => Array.from({ length: amount }, () => score))
    .sort((a, b) => b - a);
  return text(say("scores.listed", { count: scores.length, scores: formatList(scores.map(String)) }));
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
      ? { label, value: percent, note: say("count.answers", { count }) }
      : { label, value: formatNumber(count), note: say("count.of_answers", { count: total }) };
  const bars = isEnough ? distribution(say("scores.nought_to_ten"), nps, NPS_SCORES) : undefined;
  const blocks: Block[] =
    total === 0
      ? [text(say("scores.no_nps"))]
      : [
          {
            kind: "tiles",
            tiles: [
              npsTile(data, period),
              share(say("scores.promoters_range"), promoters, shares[0]),
              share(say("scores.passives_range"), passives, shares[1]),
              share(say("scores.detractors_range"), detractors, shares[2]),
            ],
          },
          ...(bars
            ? [
                stackedBar(say("count.nps_answers", { count: total }), [
                  { label: say("scores.promoters"), value: promoters, tone: "good" },
                  { label: say("scores.passives"), value: passives, tone: "fair" },
                  { label: say("scores.detractors"), value: detractors, tone: "bad" },
                ]),
                bars,
              ]
            : [listedScores(nps)]),
        ];
  return {
    heading: say("heading.nps"),
    about: say("scores.nps_about", { period: formatPeriod(period), least: MIN_NPS_ANSWERS }),
    blocks,
  };
}

type ProductResponses = Compared<ResponseCounts> & { readonly product: Product };

/** The means of the 1 to 5 scores. */
const csatTable = (products: readonly ProductResponses[], period: Period): Table =>
  tableOf(
    products.flatMap(({ product, ...responses }) => {
      const averages = mapCompared(responses, averageScore);
      const { n, interval } = printedCsat(responses.current);
      return averages.current === null
        ? []
        : [{ product, average: averages.current, averages, interval, count: n }];
    }),
    [
      { heading: say("column.product"), width: 2, cell: ({ product }) => product },
      {
        heading: say("column.average"),
        align: "right",
        cell: ({ average }) => ({ text: formatNumber(average, 2), tone: csatTone(average) }),
      },
      { heading: say("column.interval"), align: "right", width: 1.4, cell: ({ interval }) => interval },
      {
        ...CHANGE_COLUMN,
        cell: ({ averages }) => comparedCell(averages, { decimals: 2, matters: MATTERS.csat }),
      },
      { heading: say("column.answers"), align: "right", cell: ({ count }) => formatNumber(count) },
    ],
    { title: say("product.csat_changes", { against: versusPrevious(period) }) },
  );

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
      { heading: say("column.product"), width: 2, cell: ({ product }) => product },
      { heading: say("column.nps"), align: "right", cell: ({ nps }) => formatSigned(nps) },
      {
        heading: say("column.interval"),
        align: "right",
        width: 1.4,
        cell: ({ current }) => formatNpsInterval(current),
      },
      { ...CHANGE_COLUMN, cell: ({ scores }) => comparedCell(scores, { matters: MATTERS.nps }) },
      { heading: say("column.answers"), align: "right", cell: ({ count }) => formatNumber(count) },
    ],
    { title: say("product.nps_changes", { against: versusPrevious(period) }) },
  );

/** How satisfied customers were with each product that they answered about. */
export function byProductSection({ current, byProduct }: CsatData, period: Period): Section {
  const products = [...byProduct]
    .map(([product, compared]): ProductResponses => ({ product, ...compared }))
    .filter((about) => countResponses(about.current) > 0);
  const heading = say("heading.by_product");
  const about = aboutPeriod(period);
  if (products.length === 0) return { heading, blocks: [text(say("product.none"))] };
  const csat = csatTable(products, period);
  const nps = npsTable(products, period);
  const others =
    countResponses(current) - products.reduce((sum, about) => sum + countResponses(about.current), 0);
  return {
    heading,
    about,
    blocks: [
      ...(csat.rows.length > 0 ? [csat] : []),
      ...(nps.rows.length > 0 ? [nps] : []),
      ...(others > 0 ? [note(say("product.others", { count: others }))] : []),
    ],
  };
}
