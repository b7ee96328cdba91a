import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { SurveyForm } from "@success-manager/contract/survey-page";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import { type FailedRequest, withErrorPages } from "../site/serve.ts";
import { characters, MAX_LENGTH } from "./answer.ts";
import { noticePage } from "./layout.ts";
import { answeredPage, expiredPage, unknownPage } from "./link-pages.ts";

/** What a person was about to send. */
type Typed = readonly (readonly [field: string, value: string])[];

const backToSurvey = html`<a class="button" href="">Back to the survey</a>`;

/** Sends the same again; without anything typed, asks for the page again. */
const tryAgain = (typed: Typed): Html =>
  typed.length === 0
    ? html`<a class="button" href="">Try again</a>`
    : html`<form method="post">
          ${typed.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
          <button type="submit">Try again</button>
        </form>`;

const keptText = (typed: Typed) =>
  typed.length === 0 ? "" : "Your answer has not been saved yet, but this page still has it. ";

const tooManyRequestsPage = (typed: Typed, seconds: string | undefined) =>
  noticePage({
    status: 429,
    icon: "clock",
    tone: "calm",
    title: "One moment, please",
    text: `Many requests are coming from your network. ${keptText(typed)}Please try again in ${seconds ?? "60"} seconds.`,
    action: tryAgain(typed),
  });

const serverErrorPage = (status: number, typed: Typed) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "That didn’t work",
    text: `Something went wrong on our side. ${keptText(typed)}Please try again in a moment.`,
    action: tryAgain(typed),
  });

const tooLongPage = () =>
  noticePage({
    status: 413,
    icon: "alarm",
    tone: "bad",
    title: "That is too long",
    text: `A comment can have ${characters(MAX_LENGTH.feedback_text)}. Please go back, shorten it and send it again.`,
    action: backToSurvey,
  });

const invalidRequestPage = (status: number) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "We didn’t understand that",
    text: "What reached us was not an answer to the survey. Please fill in the form and send it again.",
    action: backToSurvey,
  });

function pageOf(status: number, typed: Typed, retryAfter: string | undefined): Promise<RawReply> {
  if (status >= 500) return serverErrorPage(status, typed);
  switch (status) {
    case 404:
      return unknownPage();
    case 409:
      return answeredPage();
    case 410:
      return expiredPage();
    case 413:
      return tooLongPage();
    case 429:
      return tooManyRequestsPage(typed, retryAfter);
    default:
      return invalidRequestPage(status);
  }
}

/** More than anybody types is not carried along. */
const MAX_CARRIED_LENGTH = 128 * 1024;

function parseTyped({ requestContext, headers, body = "", isBase64Encoded }: FailedRequest["event"]): Typed {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
  if (requestContext.http.method !== "POST" || !isForm || body.length > MAX_CARRIED_LENGTH) return [];
  const sent = new URLSearchParams(isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
  return Object.keys(SurveyForm.shape).flatMap((name) => {
    const value = sent.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** What fails while somebody answers a survey, as a page that still has the answer. */
export const withSurveyErrorPages = withErrorPages(({ status, event, retryAfter }) =>
  pageOf(status, parseTyped(event), retryAfter),
);
