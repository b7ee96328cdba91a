import type { Block } from "@success-manager/pdf/document";
import type { CustomerRow } from "../../../directory/index.ts";
import { meanOf } from "../../../figures.ts";
import { COMPONENTS, scoreTone } from "../health-words.ts";
import { numberText } from "../wording.ts";

/** The mean of each component of the newest scores. */
export function componentsOf(rows: readonly CustomerRow[]): Block {
  const scores = rows.flatMap(({ score }) => score ?? []);
  return {
    kind: "barChart",
    title: scores.length === 1 ? "Components" : "Average of each component",
    max: 100,
    bars: COMPONENTS.map(([label, component]) => {
      const sum = scores.reduce((total, score) => total + score[component], 0);
      const value = meanOf(sum, scores.length) ?? 0;
      return {
        label,
        value,
        valueText: numberText(value, scores.length === 1 ? 0 : 1),
        tone: scoreTone(value),
      };
    }),
  };
}
