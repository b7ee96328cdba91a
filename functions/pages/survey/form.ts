import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Invitation } from "@success-manager/contract/survey-links";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import { surveyQuestion } from "@success-manager/domain/surveys";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import { type Faults, type Field, LONGEST } from "./answer.ts";
import { type Correction, correctionsOf, counted } from "./faults.ts";
import { layout } from "./layout.ts";
import { moment } from "./moment.ts";
import { choiceId, scaleField } from "./scale.ts";
import { type Scale, wordingOf } from "./wording.ts";

type Said = ReadonlyMap<Field, string>;

const faultId = (field: Field) => `${field}-fault`;

/** Attributes and line of a field's fault. */
const marks = (field: Field, said: Said, describedBy: readonly string[] = []) => {
  const sentence = said.get(field);
  const ids = [...(sentence ? [faultId(field)] : []), ...describedBy].join(" ");
  return {
    attributes: html`${sentence ? html`aria-invalid="true"` : ""} ${ids && html`aria-describedby="${ids}"`}`,
    line: sentence
      ? html`<p class="fault" id="${faultId(field)}"><span class="unseen">Error: </span>${sentence}</p>`
      : "",
  };
};

function comment(label: string, typed: SurveyForm, said: Said): Html {
  const { attributes, line } = marks("feedback_text", said, ["limit"]);
  return html`<div class="field">
          <label for="feedback_text">${label} <span class="aside">(optional)</span></label>
          ${line}
          <textarea id="feedback_text" name="feedback_text" rows="4" data-limit="${LONGEST.feedback_text}" ${attributes}>
${typed.feedback_text ?? ""}</textarea>
          <p class="aside count" id="limit">Up to ${counted(LONGEST.feedback_text)}</p>
          <p class="unseen" role="status" id="left"></p>
        </div>`;
}

function input(field: Field, label: string, typed: SurveyForm, said: Said, kind: Html): Html {
  const { attributes, line } = marks(field, said);
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
          ${corrections.map(({ field, sentence }) => html`<li><a href="#${field === "score" ? choiceId(min) : field}">${sentence}</a></li>`)}
        </ul>
      </div>`;

/**
 * The survey to fill in.
 *
 * @param typed what was filled in before, shown again
 * @param faults what is wrong with it
 */
export function formPage(survey: Invitation, typed: SurveyForm = {}, faults: Faults = {}): Promise<RawReply> {
  const { customer_name, scale, expires_at } = survey;
  const question = surveyQuestion(survey);
  const wording = wordingOf(survey);
  const corrections = correctionsOf(faults, scale);
  const said: Said = new Map(corrections.map(({ field, sentence }) => [field, sentence]));
  const refused = corrections.length > 0;
  const name = html`autocomplete="name" maxlength="${LONGEST.submitted_by_name}"`;
  const address = html`type="email" autocomplete="email" autocapitalize="none" spellcheck="false"`;
  return layout({
    status: refused ? 422 : 200,
    title: `${refused ? "Not sent yet: " : ""}${question}`,
    company: customer_name,
    content: html`${refused ? summary(corrections, scale) : ""}
      <form method="post" novalidate data-draft="${refused ? "typed" : "restore"}">
        ${scaleField(scale, question, wording, typed.score, said.get("score"))}
        ${comment(wording.comment, typed, said)}
        <div class="pair">
          ${input("submitted_by_name", "Your name", typed, said, name)}
          ${input("submitted_by_email", "Your e-mail address", typed, said, address)}
        </div>
        <button type="submit">Send answer</button>
        <p class="aside">Your answer goes, with your name and <span class="whole">e-mail</span> address, to the team that looks after ${customer_name}. This link works once, until ${moment(expires_at)}.</p>
      </form>`,
  });
}
