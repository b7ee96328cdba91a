import type { Tile } from "@success-manager/pdf/document";
import { percentOf } from "../../../figures.ts";
import { averageScore, countResponses, netPromoterScore } from "../../../surveys/index.ts";
import type { Period } from "../../period.ts";
import { againstText, changeText, countText, numberText, percentText, signedText } from "../wording.ts";
import type { Answered, Compared, Links } from "./answered.ts";

const NONE_BEFORE = "none before to compare with";

/** The mean of the 1 to 5 scores. */
function averageTile({ now, before }: Answered, period: Period): Tile {
  const average = averageScore(now);
  if (average === null) return { label: "Average CSAT", value: "None", note: "no answers from 1 to 5" };
  return {
    label: "Average CSAT, of 5",
    value: numberText(average, 2),
    ...changeText(average, averageScore(before), {
      against: againstText(period),
      decimals: 2,
      nothing: NONE_BEFORE,
    }),
  };
}

export function npsTile({ now, before }: Answered, period: Period): Tile {
  const nps = netPromoterScore(now);
  if (nps === null) return { label: "NPS", value: "None", note: "no NPS answers" };
  return {
    label: "NPS",
    value: signedText(nps),
    ...changeText(nps, netPromoterScore(before), { against: againstText(period), nothing: NONE_BEFORE }),
  };
}

const answersTile = ({ now, before }: Answered, period: Period): Tile => ({
  label: "Answers",
  value: numberText(countResponses(now)),
  ...changeText(countResponses(now), countResponses(before) || null, {
    against: againstText(period),
    better: "neither",
    nothing: "none in the period before",
  }),
});

/** An answer may be counted a moment before its link. */
const rateOf = ({ answered, created }: Links) =>
  created <= 0 ? null : Math.min(100, percentOf(Math.max(0, answered), created));

/** How many of the survey links of the period have been answered. */
export function responseTile({ now, before }: Compared<Links>, period: Period): Tile {
  const rate = rateOf(now);
  if (rate === null) return { label: "Response rate", value: "None", note: "no survey links given out" };
  return {
    label: "Response rate",
    value: percentText(rate),
    ...changeText(rate, rateOf(before), {
      against: againstText(period),
      decimals: 1,
      unit: " points",
      // The links of a period that has just ended can still be answered: less is not worse yet.
      better: "neither",
      nothing: "no links before to compare with",
    }),
  };
}

/** What the response rate is made of. */
export function linksText({ now: { created, answered } }: Compared<Links>): string {
  if (created <= 0)
    return "No survey links were given out in the period; answers that the team types in need none.";
  const have = answered === 1 ? "has" : "have";
  return (
    `Of ${countText(created, "survey link")} given out in the period, ${numberText(Math.max(0, answered))} ${have} ` +
    "been answered so far. Links that were given out lately may still be answered."
  );
}

/** The key figures, in their order. */
export const satisfactionTiles = (answered: Answered, period: Period): Tile[] => [
  averageTile(answered, period),
  answersTile(answered, period),
  npsTile(answered, period),
];

/** Said instead of figures when there are no answers. */
export function nobodyText({ before }: Pick<Answered, "before">): string {
  const earlier = countResponses(before);
  const then =
    earlier > 0
      ? `; in the one before there ${earlier === 1 ? "was" : "were"} ${countText(earlier, "answer")}`
      : "";
  return `Nobody answered a survey in this period${then}.`;
}
