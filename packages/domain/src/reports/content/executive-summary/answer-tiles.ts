import type { Tile } from "@success-manager/pdf/document";
import { percentOf } from "../../../figures.ts";
import { averageScore, netPromoterScore, type ScoreCount } from "../../../surveys/index.ts";
import type { Happened, Happenings } from "../happenings.ts";
import { changeText, numberText, percentText, signedText } from "../wording.ts";

/** Answered links in percent; null when none were made. */
const rateOf = ({ links_created: made, links_answered: answered }: Happened) =>
  made === 0 ? null : Math.min(100, percentOf(answered, made));

/** How many of the links to surveys were answered. */
function responseTile({ now, before: then }: Happenings, against: string): Tile {
  const label = "Survey response rate";
  const rate = rateOf(now);
  if (rate === null) return { label, value: "No links", note: "none were made in the period" };
  const change = changeText(rate, rateOf(then), {
    against,
    decimals: 1,
    unit: " points",
    nothing: "no links before",
  });
  return { label, value: percentText(rate), ...change };
}

/** What customers answered in the period. @param against what it is compared with, in words */
export function answerTiles({ now, before: then }: Happenings, against: string): Tile[] {
  const of = (
    label: string,
    figure: (answers: readonly ScoreCount[]) => number | null,
    shown: (value: number) => string,
    decimals: number,
  ): Tile => {
    const value = figure(now.answers);
    if (value === null) return { label, value: "No answers", note: "in this period" };
    const change = { against, decimals, nothing: "no answers before" };
    return { label, value: shown(value), ...changeText(value, figure(then.answers), change) };
  };
  return [
    of("Average CSAT (1–5)", averageScore, (value) => numberText(value, 2), 2),
    of("Net promoter score", netPromoterScore, (value) => signedText(value), 0),
    responseTile({ now, before: then }, against),
  ];
}
