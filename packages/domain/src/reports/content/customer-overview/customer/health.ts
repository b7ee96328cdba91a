import type { Block, Section, Table, Tile } from "@success-manager/pdf/document";
import { dateOf } from "../../../../calendar.ts";
import { scoresBetween } from "../../../../health/history.ts";
import { attentionReasons } from "../../../../portfolio/index.ts";
import type { LatestScore, StoredScore } from "../../../../table/index.ts";
import type { Asked } from "../../asked.ts";
import { COMPONENTS, LOW_COMPONENT, scoreCell, scoreTone } from "../../health-words.ts";
import { changeCell, dateText, dayText, termText } from "../../wording.ts";
import type { Known } from "./known.ts";
import { scoreLine } from "./score-line.ts";

/** Two years of a score each day, and some that people had calculated. */
const MOST_SCORES = 1_000;

const TREND_TONES = { improving: "good", stable: "neutral", declining: "bad" } as const;

const tilesOf = (latest: LatestScore): Tile[] => [
  {
    label: "Overall",
    value: String(latest.overall_score),
    note: `${termText(latest.score_trend).toLowerCase()} over 30 days`,
    tone: TREND_TONES[latest.score_trend],
  },
  ...COMPONENTS.map(([label, component]): Tile => {
    const value = latest[component];
    const note = value < LOW_COMPONENT ? "low" : undefined;
    return { label, value: String(value), note, tone: note && scoreTone(value) };
  }),
];

const dayOfScore = ({ calculated_at }: StoredScore) => calculated_at.slice(0, 10);

/** The first and the last score of the period, as far as they were read, side by side. */
const comparedTable = (first: StoredScore, last: StoredScore): Table => ({
  kind: "table",
  title: "Through the period",
  columns: [
    { heading: "Score", width: 2 },
    { heading: dateText(dayOfScore(first)), align: "right", width: 2 },
    { heading: dateText(dayOfScore(last)), align: "right", width: 2 },
    { heading: "Change", align: "right" },
  ],
  rows: ([["Overall", "overall_score"], ...COMPONENTS] as const).map(([label, name]) => [
    label,
    scoreCell(first[name]),
    scoreCell(last[name]),
    changeCell(last[name], first[name]),
  ]),
});

/** The scores of the period, newest first, and the one before them if there is one. */
async function scoresOf({ customer, latest }: Known, { period }: Asked) {
  const { date_from, date_to } = period;
  const [scores, [earlier]] = await Promise.all([
    scoresBetween(customer.id, date_from, `${date_to}T23:59:59.999Z`, MOST_SCORES),
    // Who was never scored before the first day has no need to be asked.
    latest?.revision === 1 ? [] : scoresBetween(customer.id, "0000", date_from, 1),
  ]);
  return { scores, earlier };
}

/** How they fare: the newest score, what worries, and the way there. */
export async function healthSection(known: Known, asked: Asked): Promise<Section> {
  const { customer, latest } = known;
  const heading = "Health";
  if (!latest)
    return { heading, blocks: [{ kind: "text", text: "No health score has been calculated yet." }] };
  const { scores, earlier } = await scoresOf(known, asked);
  const reasons = attentionReasons({ customer, score: latest }, dateOf(asked.now));
  const [last, first] = [scores[0], scores.at(-1)];
  const line = scoreLine(earlier ? [...scores, earlier] : scores, asked);
  const blocks: Block[] = [
    { kind: "tiles", tiles: tilesOf(latest) },
    {
      kind: "text",
      text:
        reasons.length > 0
          ? `Key concerns: ${reasons.join("; ")}.`
          : "No concerns: nothing stands out that needs attention.",
    },
    ...(line ? [line] : []),
    ...(first && last && first !== last ? [comparedTable(first, last)] : []),
    ...(scores.length === 0
      ? [{ kind: "text", muted: true, text: "No score was calculated in this period." } as const]
      : []),
  ];
  return { heading, about: `From 0 to 100, as of ${dayText(latest.calculated_at.slice(0, 10))}.`, blocks };
}
