import type { Block, Section } from "@success-manager/pdf/document";
import { daysAfter } from "../../../calendar.ts";
import type { CustomerRow } from "../../../directory/index.ts";
import { type ScoredRow, topN } from "../../../portfolio/index.ts";
import type { Asked } from "../asked.ts";
import { healthLine } from "../health-line.ts";
import { scoreCell, TRENDS } from "../health-words.ts";
import { endOf, scoreBefore } from "../standings.ts";
import { dayText, shortDayText, signedText } from "../wording.ts";

/** How many of those who moved most are listed. */
const MOST = 6;

function moving(rows: readonly CustomerRow[]): Block {
  const count = (trend: string) => rows.filter(({ score }) => score?.score_trend === trend).length;
  return {
    kind: "stackedBar",
    title: "Customers by trend over 30 days",
    parts: TRENDS.map(([trend, { label, tone }]) => ({ label, value: count(trend), tone })),
  };
}

interface Moved {
  readonly row: ScoredRow;
  readonly from: number;
  readonly by: number;
}

const moves = (row: CustomerRow, day: string): Moved[] => {
  const { score } = row;
  const from = score && scoreBefore(score, endOf(day));
  const by = from === null || from === undefined || !score ? 0 : score.overall_score - from;
  return score && by !== 0 ? [{ row: { ...row, score }, from: score.overall_score - by, by }] : [];
};

/** The largest changes in one direction. */
const largest = (moved: readonly Moved[], sign: 1 | -1) =>
  topN(
    moved.filter(({ by }) => by * sign > 0),
    MOST,
    (a, b) => sign * (b.by - a.by) || (a.row.search_key < b.row.search_key ? -1 : 1),
  );

/** Who moved most since the period began: falls, then rises, as far as scores are known back to then. */
function mostMoved(rows: readonly CustomerRow[], day: string): Block[] {
  const moved = rows.flatMap((row) => moves(row, day));
  if (moved.length === 0) return [];
  const [falls, rises] = [largest(moved, -1), largest(moved, 1)];
  // Half of them each, and more of one where there are less of the other.
  const fallen = Math.max(MOST / 2, MOST - rises.length);
  const shown = [...falls.slice(0, fallen), ...rises].slice(0, MOST);
  return [
    {
      kind: "table",
      title: `Largest changes since ${dayText(day)}`,
      columns: [
        { heading: "Customer", width: 3 },
        { heading: shortDayText(day), align: "right" },
        { heading: "Now", align: "right" },
        { heading: "Change", align: "right" },
      ],
      rows: shown.map(({ row, from, by }) => [
        row.customer.company_name,
        String(from),
        scoreCell(row.score.overall_score),
        { text: signedText(by), tone: by < 0 ? "bad" : "good" },
      ]),
      more: moved.length - shown.length,
    },
  ];
}

/** How health went over the period, and which way customers go. */
export async function trendsSection(asked: Asked, rows: readonly CustomerRow[]): Promise<Section> {
  const heading = "Trends";
  if (!rows.some(({ score }) => score))
    return { heading, blocks: [{ kind: "text", muted: true, text: "Nobody has been scored yet." }] };
  return {
    heading,
    about:
      "A customer is improving or declining when the score is 5 points or more from what it was 30 days before.",
    blocks: [
      await healthLine(asked, rows),
      ...(rows.length > 1 ? [moving(rows)] : []),
      ...mostMoved(rows, daysAfter(asked.period.date_from, -1)),
    ],
  };
}
