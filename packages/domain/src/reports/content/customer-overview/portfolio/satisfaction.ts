import type { Section } from "@success-manager/pdf/document";
import type { Directory } from "../../../../directory/index.ts";
import { countResponses } from "../../../../surveys/index.ts";
import type { Asked } from "../../asked.ts";
import { countedAnswers } from "../../csat/counted-answers.ts";
import { nobodyText, satisfactionTiles } from "../../csat/tiles.ts";
import { ofAll } from "./whole.ts";

/** How satisfied customers were in the period, in short. */
export async function satisfactionSection(
  asked: Asked,
  narrowed: boolean,
  directory: Pick<Directory, "customers">,
): Promise<Section> {
  const answered = await countedAnswers({ ...asked, filters: {} }, directory);
  return {
    heading: "Satisfaction",
    about: narrowed ? ofAll("Answers are") : undefined,
    blocks: [
      countResponses(answered.now) === 0
        ? { kind: "text", text: nobodyText(answered) }
        : { kind: "tiles", tiles: satisfactionTiles(answered, asked.period) },
    ],
  };
}
