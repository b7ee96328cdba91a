import type { Block, Section, Text, Tone } from "@success-manager/pdf/document";
import { percentOf } from "../../../figures.ts";
import { countOf, npsGroups } from "../../../surveys/satisfaction.ts";
import type { Period } from "../../period.ts";
import { countText, namesText, percentText } from "../wording.ts";
import type { Answered, Counted } from "./answered.ts";
import { npsTile } from "./tiles.ts";
import { partText } from "./words.ts";

const toneOf = (score: number): Tone => {
  if (score >= 9) return "good";
  return score >= 7 ? "fair" : "bad";
};

/** Fewer answers than this are told one by one: eleven bars would be empty but for some. */
const ENOUGH = 5;

/** `The scores are 10, 9 and 3.` */
function fewText(nps: Counted): Text {
  const scores = nps
    .flatMap(({ score, amount }) => Array.from({ length: amount }, () => score))
    .sort((a, b) => b - a);
  const one = scores.length === 1;
  return {
    kind: "text",
    text: `The ${one ? "score is" : "scores are"} ${namesText(scores.map(String), scores.length, scores.length)}.`,
  };
}

/** Promoters, passives and detractors, and the score that follows from them. */
export function npsSection(answered: Answered, period: Period): Section {
  const nps = answered.now.filter(({ survey_type }) => survey_type === "nps");
  const total = countOf(nps);
  const { promoters, passives, detractors } = npsGroups(nps);
  const share = (count: number) => percentText(percentOf(count, total));
  const blocks: Block[] =
    total === 0
      ? [{ kind: "text", text: "Nobody answered an NPS survey in this period." }]
      : [
          {
            kind: "tiles",
            tiles: [
              npsTile(answered, period),
              { label: "Promoters, 9 and 10", value: share(promoters), note: countText(promoters, "answer") },
              { label: "Passives, 7 and 8", value: share(passives), note: countText(passives, "answer") },
              {
                label: "Detractors, 0 to 6",
                value: share(detractors),
                note: countText(detractors, "answer"),
              },
            ],
          },
          {
            kind: "stackedBar",
            title: countText(total, "NPS answer"),
            parts: [
              { label: "Promoters", value: promoters, tone: "good" },
              { label: "Passives", value: passives, tone: "fair" },
              { label: "Detractors", value: detractors, tone: "bad" },
            ],
          },
          total < ENOUGH
            ? fewText(nps)
            : {
                kind: "barChart",
                title: "Scores from 0 to 10",
                bars: Array.from({ length: 11 }, (_, n) => 10 - n).map((score) => {
                  const value = countOf(nps.filter((answer) => answer.score === score));
                  return {
                    label: String(score),
                    value,
                    valueText: partText(value, total),
                    tone: toneOf(score),
                  };
                }),
              },
        ];
  return {
    heading: "Net promoter score",
    about:
      "The share of promoters less the share of detractors: from −100, when all are detractors, to +100.",
    blocks,
  };
}
