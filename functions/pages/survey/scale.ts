import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import type { Scale, Wording } from "./wording.ts";

interface Choice {
  readonly score: number;
  /** Said after the number, for those who don't see what stands below. */
  readonly meaning: string | undefined;
  readonly checked: boolean;
}

export const choiceId = (score: number) => `score-${score}`;

const choice = ({ score, meaning, checked }: Choice) =>
  html`<label class="choice"><input type="radio" name="score" id="${choiceId(score)}" value="${score}" required ${checked ? "checked" : ""}><span>${score}${meaning && html`<span class="unseen">${meaning}</span>`}</span></label>`;

/**
 * The question and its numbers to choose from, none chosen but what was chosen before.
 *
 * @param fault what is wrong with the choice, if anything
 */
export function scaleField(
  { min, max }: Scale,
  question: string,
  { ends: [lowest, highest] }: Wording,
  chosen: string | undefined,
  fault: string | undefined,
): Html {
  const scores = Array.from({ length: max - min + 1 }, (_, step) => min + step);
  const meaning = (score: number) => (score === min ? lowest : score === max ? highest : undefined);
  return html`<fieldset class="${fault ? "faulty" : ""}" ${fault ? html`aria-describedby="score-fault"` : ""}>
          <legend><h1>${question}</h1></legend>
          ${fault && html`<p class="fault" id="score-fault"><span class="unseen">Error: </span>${fault}</p>`}
          <div class="choices ${scores.length > 5 ? "many" : "few"}">
            ${scores.map((score) => choice({ score, meaning: meaning(score), checked: chosen === String(score) }))}
          </div>
          <div class="ends" aria-hidden="true"><span><b>${min}</b> ${lowest}</span><span><b>${max}</b> ${highest}</span></div>
        </fieldset>`;
}
