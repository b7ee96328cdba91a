import type { Block, Section } from "@success-manager/pdf/document";
import type { TimelineEntry } from "../../../../customers/index.ts";
import {
  averageScore,
  countResponses,
  netPromoterScore,
  parseScoreCounts,
} from "../../../../surveys/index.ts";
import type { Asked } from "../../asked.ts";
import { answeredIn } from "../../csat/customer-answers.ts";
import { isLow } from "../../csat/low.ts";
import { quotesOf } from "../../csat/quotes.ts";
import { nobodyText, satisfactionTiles } from "../../csat/tiles.ts";
import { CUT, scoreText, typeText } from "../../csat/words.ts";
import { countText, dateText, numberText, signedText } from "../../wording.ts";
import type { Known } from "./known.ts";

/** How many answers are listed. */
const SHOWN = 10;

type Answer = Extract<TimelineEntry, { __edb_e__: "survey" }>;

/** All that they ever answered, in a sentence; nothing when there is nothing. */
function everText({ counters }: Known): string | undefined {
  const ever = parseScoreCounts(counters, "survey|");
  const [count, average, nps] = [countResponses(ever), averageScore(ever), netPromoterScore(ever)];
  if (count <= 0) return undefined;
  const figures = [
    average === null ? undefined : `average CSAT ${numberText(average, 2)} of 5`,
    nps === null ? undefined : `NPS ${signedText(nps)}`,
  ].filter((figure) => figure !== undefined);
  return `Of all time: ${[countText(count, "answer"), ...figures].join(", ")}.`;
}

/** What they answered in the period, and in which words. */
export async function satisfactionSection(known: Known, asked: Asked): Promise<Section> {
  const { customer, history, whole } = known;
  const surveys = history.filter((entry): entry is Answer => entry.__edb_e__ === "survey");
  const answered = answeredIn(surveys, { filters: {}, period: asked.period }, customer.company_name, whole);
  const { rows } = await answered.newest(0);
  const quotes = quotesOf(rows, customer.company_name);
  const ever = everText(known);
  const blocks: Block[] = [
    ...(rows.length === 0
      ? []
      : [{ kind: "tiles", tiles: satisfactionTiles(answered, asked.period) } as const]),
    rows.length === 0
      ? { kind: "text", text: nobodyText(answered) }
      : {
          kind: "table",
          columns: [
            { heading: "Date", width: 1.5 },
            { heading: "Survey", width: 1.5 },
            { heading: "Score" },
            { heading: "About", width: 1.3 },
            { heading: "By", width: 2 },
          ],
          rows: rows
            .slice(0, SHOWN)
            .map((answer) => [
              dateText(answer.submitted_at.slice(0, 10)),
              typeText(answer.survey_type),
              isLow(answer)
                ? { text: scoreText(answer.survey_type, answer.score), tone: "bad" as const }
                : scoreText(answer.survey_type, answer.score),
              answer.product ?? "No product",
              answer.submitted_by_name,
            ]),
          more: Math.max(0, rows.length - SHOWN),
        },
    ...(quotes ? [quotes] : []),
    ...(whole ? [] : [{ kind: "text", muted: true, text: CUT } as const]),
  ];
  return { heading: "Satisfaction", about: ever, blocks };
}
