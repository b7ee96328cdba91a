import { dateOf, daysAfter } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { meanOf } from "../../figures.ts";
import { precedingPeriod } from "../period.ts";
import type { Asked } from "./asked.ts";
import { type DayScores, scoresByDay } from "./health-line.ts";
import { type Standing, standingsAt } from "./standings.ts";
import { againstText, changeText, shortDayText } from "./wording.ts";

/** What the period before had to say about health. */
export type Earlier =
  /** The newest scores as they stood when the period began. */
  | { readonly kind: "standing"; readonly day: string; readonly standing: Standing }
  /** All scores that were calculated in the period, and in the one before. */
  | { readonly kind: "means"; readonly of: number | null; readonly before: number | null }
  | { readonly kind: "unknown" }
  /** The period has not begun yet. */
  | { readonly kind: "ahead" };

const meanWithin = (scores: ReadonlyMap<string, DayScores>, from: string, to: string) => {
  let [sum, count] = [0, 0];
  for (const [day, found] of scores)
    if (day >= from && day <= to) [sum, count] = [sum + found.sum, count + found.count];
  return meanOf(sum, count);
};

/** The newest scores as they stood right before the period, where that is known. */
export function standingBefore(
  { period, now }: Pick<Asked, "period" | "now">,
  rows: readonly CustomerRow[],
): Extract<Earlier, { kind: "standing" }> | undefined {
  if (period.date_from > dateOf(now)) return undefined;
  const day = daysAfter(period.date_from, -1);
  const [standing] = standingsAt(rows, [day]) ?? [];
  return standing && { kind: "standing", day, standing };
}

/** What health is compared with: as it stood right before the period if that is known, else by what was counted. */
export async function earlierOf(asked: Asked, rows: readonly CustomerRow[]): Promise<Earlier> {
  const { filters, period, now } = asked;
  if (period.date_from > dateOf(now)) return { kind: "ahead" };
  const standing = standingBefore(asked, rows);
  if (standing) return standing;
  const last = precedingPeriod(period);
  const scores = await scoresByDay(filters, last.date_from, period.date_to);
  if (!scores) return { kind: "unknown" };
  return {
    kind: "means",
    of: meanWithin(scores, period.date_from, period.date_to),
    before: meanWithin(scores, last.date_from, last.date_to),
  };
}

/** How the average has changed, as a tile's note. @param average of the newest scores, with so many decimals */
export function averageChange(
  average: number | null,
  earlier: Earlier,
  { period }: Pick<Asked, "period">,
  decimals = 1,
) {
  if (average === null) return { note: "Nobody has been scored yet" };
  if (earlier.kind === "standing")
    return changeText(average, earlier.standing.average, {
      against: `since ${shortDayText(earlier.day)}`,
      decimals,
      nothing: `nobody scored by ${shortDayText(earlier.day)}`,
    });
  if (earlier.kind === "unknown") return { note: "earlier scores are not known for these filters" };
  if (earlier.kind === "ahead") return { note: "the period has not begun yet" };
  const { of, before: then } = earlier;
  if (of === null) return { note: "no scores in this period" };
  const { note, tone } = changeText(of, then, {
    against: againstText(period),
    decimals: 1,
    nothing: "no scores before",
  });
  return { note: then === null ? note : `scores of the period ${note}`, tone };
}

/** How many more customers score below 60, as a tile's note; undefined when that is not known. */
export const atRiskChange = (now: number, earlier: Earlier | undefined) =>
  earlier?.kind === "standing" && earlier.standing.scored > 0
    ? changeText(now, earlier.standing.at_risk, {
        against: `since ${shortDayText(earlier.day)}`,
        better: "less",
      })
    : undefined;
