import type { PeriodType } from "@success-manager/contract/dashboard";
import type { Block, LineChart, Section } from "@success-manager/pdf/document";
import { averageScore, countOf, netPromoterScore } from "../../../surveys/satisfaction.ts";
import type { Asked } from "../asked.ts";
import { bucketsOf, CUT_WORDS, cutFor, daysUpToNow } from "../buckets.ts";
import { countText } from "../wording.ts";
import type { Answered, Counted } from "./answered.ts";

const heading = "Trends";

/** Finest first. */
const CUTS: readonly PeriodType[] = ["daily", "weekly", "monthly"];

/** Points that a line has at least. */
const LEAST = 3;

/** How many answers a point should stand for on average: fewer make a line that jumps up and down. */
const ENOUGH = 3;

/** Share of points without answers from which on a coarser line says more; where there is none, no line does. */
const GAPS = 0.25;
const MOST_GAPS = 0.5;

const aside = (text: string): Block => ({ kind: "text", muted: true, text });

/** A figure by day, week or month. */
interface Chart {
  readonly name: string;
  /** The answers that it is made of. */
  readonly takes: (answer: Counted[number]) => boolean;
  readonly figure: (answers: Counted) => number | null;
  readonly range?: LineChart["range"];
}

const isNps = ({ survey_type }: Counted[number]) => survey_type === "nps";

const CHARTS: readonly Chart[] = [
  { name: "Average CSAT", takes: (answer) => !isNps(answer), figure: averageScore, range: [1, 5] },
  { name: "NPS", takes: isNps, figure: netPromoterScore, range: [-100, 100] },
  { name: "Answers", takes: () => true, figure: countOf },
];

/**
 * The pieces by which a line can be followed by eye: the finest that the length of the period allows and that have
 * enough answers each. The coarsest ones need no more than one, and few gaps. Undefined when no line can be drawn.
 */
function cutOf(days: readonly string[], answersOn: (date: string) => number): PeriodType | undefined {
  const allowed = CUTS.slice(CUTS.indexOf(cutFor(days.length)));
  const possible = allowed.flatMap((cut) => {
    const counts = bucketsOf(days, cut).map(({ days: own }) =>
      own.reduce((sum, date) => sum + answersOn(date), 0),
    );
    if (counts.length < LEAST) return [];
    const answers = counts.reduce((sum, count) => sum + count, 0);
    return [
      {
        cut,
        density: answers / counts.length,
        gaps: counts.filter((count) => count === 0).length / counts.length,
      },
    ];
  });
  const steady = possible.find(({ density, gaps }) => density >= ENOUGH && gaps <= GAPS);
  const coarsest = possible.at(-1);
  return (steady ?? (coarsest && coarsest.density >= 1 && coarsest.gaps <= MOST_GAPS ? coarsest : undefined))
    ?.cut;
}

function drawn(
  { name, takes, figure, range }: Chart,
  days: readonly string[],
  byDate: Answered["byDate"],
): Block {
  const on = (date: string) => (byDate.get(date) ?? []).filter(takes);
  const cut = cutOf(days, (date) => countOf(on(date)));
  if (cut === undefined) {
    const count = days.reduce((sum, date) => sum + countOf(on(date)), 0);
    const many =
      count === 0 ? "no answers" : `${countText(count, "answer")}, too few or too far apart for a line`;
    return aside(`${name}: ${many}.`);
  }
  const buckets = bucketsOf(days, cut);
  return {
    kind: "lineChart",
    title: `${name} by ${CUT_WORDS[cut]}`,
    points: buckets.map((bucket) => bucket.name),
    lines: [{ name, tone: "accent", values: buckets.map(({ days: own }) => figure(own.flatMap(on))) }],
    range,
  };
}

/** How satisfaction went through the period, up to today; each scale has a chart of its own. */
export function trendsSection({ byDate }: Pick<Answered, "byDate">, { period, now }: Asked): Section {
  const days = daysUpToNow(period, now);
  if (days.length === 0)
    return { heading, blocks: [aside("The period lies ahead: nobody has answered in it yet.")] };
  if (days.every((date) => countOf(byDate.get(date) ?? []) === 0))
    return { heading, blocks: [{ kind: "text", text: "Nobody answered a survey in this period." }] };
  if (days.length < LEAST)
    return { heading, blocks: [aside("The period has too few days yet for a trend within it.")] };
  const blocks = CHARTS.map((chart) => drawn(chart, days, byDate));
  if (blocks.every(({ kind }) => kind === "text")) {
    const count = days.reduce((sum, date) => sum + countOf(byDate.get(date) ?? []), 0);
    return {
      heading,
      blocks: [aside(`${countText(count, "answer")}, too few or too far apart for a line.`)],
    };
  }
  return {
    heading,
    about:
      "By day, week or month, as fine as the number of answers allows. Where nobody answered, a line has a gap; " +
      "weeks and months count as far as they lie in the period.",
    blocks,
  };
}
