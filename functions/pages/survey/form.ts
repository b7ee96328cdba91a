import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import type { Invitation } from "@success-manager/contract/surveys";
import { messageLines, surveyQuestion } from "@success-manager/domain/surveys";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import {
  type Correction,
  characters,
  correctionsOf,
  type Field,
  type FieldErrors,
  MAX_LENGTH,
  type Scale,
} from "./answer.ts";
import { formatInstant, layout } from "./layout.ts";

/** What the page says around the question. */
interface Wording {
  /** What the lowest and the highest number mean. */
  readonly ends: readonly [lowest: string, highest: string];
  /** Asks for the comment. */
  readonly comment: string;
}

const likelihood: Wording = {
  ends: ["Not at all likely", "Extremely likely"],
  comment: "What is the main reason?",
};

const satisfaction: Wording = {
  ends: ["Very dissatisfied", "Very satisfied"],
  comment: "What went well, and what didn’t?",
};

const fitness: Wording = {
  ends: ["Not at all", "Very well"],
  comment: "What do you like, and what is missing?",
};

/** What suits the question of a survey. */
function wordingOf({ survey_type }: Invitation): Wording {
  if (survey_type === "nps") return likelihood;
  return survey_type === "product_feedback" ? fitness : satisfaction;
}

/** What the team wrote, above the question. Each line runs as its own letters do, and turns nothing around it. */
function message(text: string | null): Html | string {
  const lines = messageLines(text);
  if (lines.length === 0) return "";
  return html`<div class="message" role="note">${lines.map((line) => html`<p dir="auto">${line}</p>`)}</div>`;
}

interface Choice {
  readonly score: number;
  /** Read out after the number, for those who don't see what stands below. */
  readonly meaning: string | undefined;
  readonly checked: boolean;
}

const choiceId = (score: number) => `score-${score}`;

const choice = ({ score, meaning, checked }: Choice) =>
  html`<label class="choice"><input type="radio" name="score" id="${choiceId(score)}" value="${score}" required ${checked ? "checked" : ""}><span>${score}${meaning && html`<span class="unseen">${meaning}</span>`}</span></label>`;

/**
 * The question and its numbers to choose from, none chosen but what was chosen before.
 *
 * @param error what is wrong with the choice, if anything
 */
function scaleField(
  { min, max }: Scale,
  question: string,
  { ends: [lowest, highest] }: Wording,
  chosen: string | undefined,
  error: string | undefined,
): Html {
  const scores = Array.from({ length: max - min + 1 }, (_, step) => min + step);
  const meaning = (score: number) => (score === min ? lowest : score === max ? highest : undefined);
  return html`<fieldset class="${error ? "faulty" : ""}" ${error ? html`aria-describedby="score-fault"` : ""}>
          <legend><h1>${question}</h1></legend>
          ${error && html`<p class="fault" id="score-fault"><span class="unseen">Error: </span>${error}</p>`}
          <div class="choices ${scores.length > 5 ? "many" : "few"}">
            ${scores.map((score) => choice({ score, meaning: meaning(score), checked: chosen === String(score) }))}
          </div>
          <div class="ends" aria-hidden="true"><span><b>${min}</b> ${lowest}</span><span><b>${max}</b> ${highest}</span></div>
        </fieldset>`;
}

type Messages = ReadonlyMap<Field, string>;

const errorId = (field: Field) => `${field}-fault`;

/** Attributes and line of a field's error. */
const errorMarkup = (field: Field, messages: Messages, describedBy: readonly string[] = []) => {
  const text = messages.get(field);
  const ids = [...(text ? [errorId(field)] : []), ...describedBy].join(" ");
  return {
    attributes: html`${text ? html`aria-invalid="true"` : ""} ${ids && html`aria-describedby="${ids}"`}`,
    line: text
      ? html`<p class="fault" id="${errorId(field)}"><span class="unseen">Error: </span>${text}</p>`
      : "",
  };
};

function comment(label: string, typed: SurveyForm, messages: Messages): Html {
  const { attributes, line } = errorMarkup("feedback_text", messages, ["limit"]);
  return html`<div class="field">
          <label for="feedback_text">${label} <span class="aside">(optional)</span></label>
          ${line}
          <textarea id="feedback_text" name="feedback_text" rows="4" data-limit="${MAX_LENGTH.feedback_text}" ${attributes}>
${typed.feedback_text ?? ""}</textarea>
          <p class="aside count" id="limit">Up to ${characters(MAX_LENGTH.feedback_text)}</p>
          <p class="unseen" role="status" id="left"></p>
        </div>`;
}

function input(field: Field, label: string, typed: SurveyForm, messages: Messages, kind: Html): Html {
  const { attributes, line } = errorMarkup(field, messages);
  return html`<div class="field">
            <label for="${field}">${label}</label>
            ${line}
            <input id="${field}" name="${field}" value="${typed[field] ?? ""}" required ${kind} ${attributes}>
          </div>`;
}

/** Takes the focus, so that it is the first thing that is heard; each line leads to its field. */
const summary = (corrections: readonly Correction[], { min }: Scale) =>
  html`<div class="summary" id="summary" tabindex="-1" autofocus role="group" aria-labelledby="summary-title">
        <h2 id="summary-title">Your answer has not been sent yet</h2>
        <ul>
          ${corrections.map(({ field, text }) => html`<li><a href="#${field === "score" ? choiceId(min) : field}">${text}</a></li>`)}
        </ul>
      </div>`;

/**
 * The survey to fill in.
 *
 * @param typed what was filled in before, shown again
 * @param errors what is wrong with it
 */
export function formPage(
  survey: Invitation,
  typed: SurveyForm = {},
  errors: FieldErrors = {},
): Promise<RawReply> {
  const { customer_name, scale, expires_at } = survey;
  const question = surveyQuestion(survey);
  const wording = wordingOf(survey);
  const corrections = correctionsOf(errors, scale);
  const messages: Messages = new Map(corrections.map(({ field, text }) => [field, text]));
  const refused = corrections.length > 0;
  const name = html`autocomplete="name" maxlength="${MAX_LENGTH.submitted_by_name}"`;
  const address = html`type="email" autocomplete="email" autocapitalize="none" spellcheck="false"`;
  return layout({
    status: refused ? 422 : 200,
    title: `${refused ? "Not sent yet: " : ""}${question}`,
    company: customer_name,
    content: html`${refused ? summary(corrections, scale) : message(survey.custom_message)}
      <form method="post" novalidate data-draft="${refused ? "typed" : "restore"}">
        ${scaleField(scale, question, wording, typed.score, messages.get("score"))}
        ${comment(wording.comment, typed, messages)}
        <div class="pair">
          ${input("submitted_by_name", "Your name", typed, messages, name)}
          ${input("submitted_by_email", "Your e-mail address", typed, messages, address)}
        </div>
        <button type="submit">Send answer</button>
        <p class="aside">Your answer goes, with your name and <span class="whole">e-mail</span> address, to the team that looks after <bdi>${customer_name}</bdi>. This link works once, until ${formatInstant(expires_at)}.</p>
      </form>`,
  });
}
