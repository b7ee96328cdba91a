import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { SurveyForm } from "@success-manager/contract/survey-page";
import type { Invitation } from "@success-manager/contract/surveys";
import {
  commentQuestions,
  messageLines,
  type Recipient,
  scaleEnds,
  scoreGroup,
  scoresOf,
  surveyQuestion,
} from "@success-manager/domain/surveys";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import {
  type Correction,
  correctionsOf,
  type Field,
  type FieldErrors,
  MAX_LENGTH,
  PERSON_FIELDS,
  type Scale,
} from "./answer.ts";
import { formatInstant, layout, type Reader } from "./layout.ts";

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
  readonly group: string;
  readonly checked: boolean;
}

const choiceId = (score: number) => `score-${score}`;

const choice = ({ score, meaning, group, checked }: Choice) =>
  html`<label class="choice"><input type="radio" name="score" id="${choiceId(score)}" value="${score}" data-group="${group}" required ${checked ? "checked" : ""}><span>${score}${meaning && html`<span class="unseen">${meaning}</span>`}</span></label>`;

/** What is wrong, named as such to those who don't see the colour. */
const fault = (id: string, text: string, { texts }: Reader) =>
  html`<p class="fault" id="${id}"><span class="unseen">${texts.text("error.label")} </span>${text}</p>`;

/**
 * The question and its numbers to choose from, none chosen but what was chosen before.
 *
 * @param error what is wrong with the choice, if anything
 */
function scaleField(
  { survey_type, scale }: Invitation,
  question: string,
  reader: Reader,
  chosen: string | undefined,
  error: string | undefined,
): Html {
  const scores = scoresOf(scale);
  const [lowest, highest] = scaleEnds(survey_type, reader.texts);
  const [min, max] = [scores[0], scores.at(-1)];
  const meaning = (score: number) => (score === min ? lowest : score === max ? highest : undefined);
  const choices = scores.map((score) =>
    choice({
      score,
      meaning: meaning(score),
      group: scoreGroup(survey_type, score),
      checked: chosen === String(score),
    }),
  );
  return html`<fieldset class="${error ? "faulty" : ""}" ${error ? html`aria-describedby="score-fault"` : ""}>
          <legend><h1>${question}</h1></legend>
          ${error && fault("score-fault", error, reader)}
          <div class="choices ${scores.length > 5 ? "many" : "few"}">
            ${choices}
          </div>
          <div class="ends" aria-hidden="true"><span><b>${min}</b> ${lowest}</span><span><b>${max}</b> ${highest}</span></div>
        </fieldset>`;
}

type Messages = ReadonlyMap<Field, string>;

const errorId = (field: Field) => `${field}-fault`;

/** Attributes and line of a field's error. */
const errorMarkup = (
  field: Field,
  messages: Messages,
  reader: Reader,
  describedBy: readonly string[] = [],
) => {
  const text = messages.get(field);
  const ids = [...(text ? [errorId(field)] : []), ...describedBy].join(" ");
  return {
    attributes: html`${text ? html`aria-invalid="true"` : ""} ${ids && html`aria-describedby="${ids}"`}`,
    line: text ? fault(errorId(field), text, reader) : "",
  };
};

/** Asks for a comment in words that suit the score: styles show those of the chosen one, with or without scripts. */
function comment({ survey_type }: Invitation, typed: SurveyForm, messages: Messages, reader: Reader): Html {
  const { text } = reader.texts;
  const { attributes, line } = errorMarkup("feedback_text", messages, reader, ["limit"]);
  const questions = commentQuestions(survey_type, reader.texts);
  const limit = MAX_LENGTH.feedback_text;
  return html`<div class="field">
          <label for="feedback_text">${questions.map(([group, question]) => html`<span class="ask ${group}">${question}</span> `)}<span class="aside">${text("form.optional")}</span></label>
          ${line}
          <textarea id="feedback_text" name="feedback_text" rows="4" dir="auto" data-limit="${limit}" data-left="${text("form.left", { count: "{n}" })}" data-over="${text("form.over", { count: "{n}" })}" ${attributes}>
${typed.feedback_text ?? ""}</textarea>
          <p class="aside count" id="limit">${text("form.limit", { count: limit })}</p>
          <p class="unseen" role="status" id="left"></p>
        </div>`;
}

function input(
  field: Field,
  label: string,
  typed: SurveyForm,
  messages: Messages,
  reader: Reader,
  kind: Html,
): Html {
  const { attributes, line } = errorMarkup(field, messages, reader);
  return html`<div class="field">
            <label for="${field}">${label}</label>
            ${line}
            <input id="${field}" name="${field}" value="${typed[field] ?? ""}" required ${kind} ${attributes}>
          </div>`;
}

/** Who answers: shown where the link was mailed to them, else asked. */
function person(
  recipient: Recipient | undefined,
  typed: SurveyForm,
  messages: Messages,
  reader: Reader,
): Html {
  const { text, pieces } = reader.texts;
  if (recipient) {
    const address = html`<bdi>${recipient.email}</bdi>`;
    const named = recipient.name ? html`<strong><bdi>${recipient.name}</bdi></strong> (${address})` : address;
    return html`<p class="person">${pieces("form.person", { person: named })}</p>`;
  }
  const name = html`autocomplete="name" dir="auto" maxlength="${MAX_LENGTH.submitted_by_name}"`;
  const address = html`type="email" autocomplete="email" autocapitalize="none" spellcheck="false" dir="ltr"`;
  return html`<div class="pair">
          ${input("submitted_by_name", text("form.name"), typed, messages, reader, name)}
          ${input("submitted_by_email", text("form.email"), typed, messages, reader, address)}
        </div>`;
}

/** Takes the focus, so that it is the first thing that is heard; each line leads to its field. */
const summary = (corrections: readonly Correction[], { texts }: Reader, { min }: Scale) =>
  html`<div class="summary" id="summary" tabindex="-1" autofocus role="group" aria-labelledby="summary-title">
        <h2 id="summary-title">${texts.text("error.heading")}</h2>
        <ul>
          ${corrections.map(({ field, text }) => html`<li><a href="#${field === "score" ? choiceId(min) : field}">${text}</a></li>`)}
        </ul>
      </div>`;

/** A survey, and who is asked. */
export interface Asked {
  readonly survey: Invitation;
  /** To whom the link was mailed. */
  readonly recipient: Recipient | undefined;
  /** Whether somebody has looked at it before. */
  readonly isOpened: boolean;
}

/**
 * The survey to fill in.
 *
 * @param address of the page, without a query
 * @param typed what was filled in before, shown again
 * @param errors what is wrong with it
 */
export function formPage(
  reader: Reader,
  { survey, recipient, isOpened }: Asked,
  address: string,
  typed: SurveyForm = {},
  errors: FieldErrors = {},
): Promise<RawReply> {
  const { customer_name, scale, expires_at } = survey;
  const { texts, search } = reader;
  const { text, pieces } = texts;
  const question = surveyQuestion(survey, texts);
  const known = recipient ? PERSON_FIELDS : [];
  const asked = Object.entries(errors).filter(([field]) => !known.some((one) => one === field));
  const corrections = correctionsOf(Object.fromEntries(asked), texts, scale);
  const messages: Messages = new Map(corrections.map(({ field, text }) => [field, text]));
  const refused = corrections.length > 0;
  const privacy = pieces("form.privacy", {
    company: html`<bdi>${customer_name}</bdi>`,
    until: formatInstant(reader, expires_at),
  });
  return layout(reader, {
    status: refused ? 422 : 200,
    title: refused ? text("error.title", { question }) : question,
    company: customer_name,
    content: html`${refused ? summary(corrections, reader, scale) : message(survey.custom_message)}
      <form method="post" action="${address}${search}" novalidate data-draft="${refused ? "typed" : "restore"}" data-expires="${expires_at}" data-locale="${texts.locale}" ${isOpened ? "" : "data-look"}>
        ${scaleField(survey, question, reader, typed.score, messages.get("score"))}
        ${comment(survey, typed, messages, reader)}
        ${person(recipient, typed, messages, reader)}
        <button type="submit" data-sending="${text("form.sending")}">${text("form.send")}</button>
        <p class="aside">${privacy}</p>
      </form>`,
  });
}
