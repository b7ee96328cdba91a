import { scaleOf } from "@success-manager/contract/surveys";
import { SurveyType } from "@success-manager/contract/vocabulary";
import type { BarChart, Block, Section, Table, Tone } from "@success-manager/pdf/document";
import { countOf, meanOf } from "../../../surveys/satisfaction.ts";
import type { Period } from "../../period.ts";
import { againstText, changeCell, numberText } from "../wording.ts";
import type { Answered, Counted } from "./answered.ts";
import { linksText, nobodyText, responseTile, satisfactionTiles } from "./tiles.ts";
import { CUT, partText, typeText } from "./words.ts";

const only = (answers: Counted, type: SurveyType) =>
  answers.filter(({ survey_type }) => survey_type === type);

function typesTable({ now, before }: Answered, period: Period): Table {
  const rows = SurveyType.options.flatMap((type) => {
    const answers = only(now, type);
    const average = meanOf(answers);
    if (average === null) return [];
    const { min, max } = scaleOf(type);
    return [
      [
        typeText(type),
        `${min} to ${max}`,
        numberText(countOf(answers)),
        numberText(average, 2),
        changeCell(average, meanOf(only(before, type)), { decimals: 2, nothing: "none before" }),
      ],
    ];
  });
  return {
    kind: "table",
    title: `By survey, with changes ${againstText(period)}`,
    columns: [
      { heading: "Survey", width: 2 },
      { heading: "Scale" },
      { heading: "Answers", align: "right" },
      { heading: "Average", align: "right" },
      { heading: "Change", align: "right", width: 1.2 },
    ],
    rows,
  };
}

/** From the best score on: what it is called, and how good it is. */
const SCORES: readonly (readonly [score: number, label: string, tone: Tone])[] = [
  [5, "5, best", "good"],
  [4, "4", "good"],
  [3, "3", "fair"],
  [2, "2", "poor"],
  [1, "1, worst", "bad"],
];

function distribution(now: Counted): BarChart | undefined {
  const onFive = now.filter(({ survey_type }) => survey_type !== "nps");
  const total = countOf(onFive);
  if (total === 0) return undefined;
  return {
    kind: "barChart",
    title: "Scores from 1 to 5",
    bars: SCORES.map(([score, label, tone]) => {
      const value = countOf(onFive.filter((answer) => answer.score === score));
      return { label, value, valueText: partText(value, total), tone };
    }),
  };
}

const aside = (text: string): Block => ({ kind: "text", muted: true, text });

/** How satisfied customers were, in figures. */
export function scoresSection(answered: Answered, period: Period): Section {
  const { now, links, whole } = answered;
  const heading = "Scores";
  const cut = whole ? [] : [aside(CUT)];
  const sent = links ? [aside(linksText(links))] : [];
  if (countOf(now) === 0)
    return { heading, blocks: [{ kind: "text", text: nobodyText(answered) }, ...cut, ...sent] };
  const scores = distribution(now);
  return {
    heading,
    about:
      "CSAT is the mean of scores from 1 to 5; NPS has a scale of its own, from 0 to 10, and is never mixed with it.",
    blocks: [
      {
        kind: "tiles",
        tiles: [...satisfactionTiles(answered, period), ...(links ? [responseTile(links, period)] : [])],
      },
      ...cut,
      typesTable(answered, period),
      ...(scores ? [scores] : []),
      ...sent,
    ],
  };
}
