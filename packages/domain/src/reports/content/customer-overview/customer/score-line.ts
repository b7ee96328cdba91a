import type { LineChart } from "@success-manager/pdf/document";
import type { StoredScore } from "../../../../table/index.ts";
import type { Asked } from "../../asked.ts";
import { bucketsOf, CUT_WORDS, cutFor, daysUpToNow } from "../../buckets.ts";

type Step = Pick<StoredScore, "calculated_at" | "overall_score">;

/**
 * The overall score at the end of each day, week or month of the period: it holds until there is another.
 *
 * @param scores of the period, and the one before them if there is one, newest first
 */
export function scoreLine(
  scores: readonly Step[],
  { period, now }: Pick<Asked, "period" | "now">,
): LineChart | undefined {
  const days = daysUpToNow(period, now);
  const cut = cutFor(days.length);
  const buckets = bucketsOf(days, cut);
  const values = buckets.map(({ days: own }) => {
    const end = `${own.at(-1)}~`;
    return scores.find(({ calculated_at }) => calculated_at < end)?.overall_score ?? null;
  });
  if (values.filter((value) => value !== null).length < 2) return undefined;
  return {
    kind: "lineChart",
    title: `Overall score at the end of each ${CUT_WORDS[cut]}`,
    points: buckets.map(({ name }) => name),
    lines: [{ name: "Overall", tone: "accent", values }],
    range: [0, 100],
  };
}
