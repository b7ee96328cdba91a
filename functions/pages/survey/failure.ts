import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { SurveyForm } from "@success-manager/contract/survey-page";
import { html } from "hono/html";
import { type Failure, failuresAsPages } from "../site/failure.ts";
import type { Html } from "../site/layout.ts";
import { LONGEST } from "./answer.ts";
import { counted } from "./faults.ts";
import { noticePage } from "./notice.ts";
import { answered, expired, unknown } from "./state.ts";

/** What a person was about to send. */
type Typed = readonly (readonly [field: string, value: string])[];

const toSurvey = html`<a class="button" href="">Back to the survey</a>`;

/** Sends the same again; without anything typed, asks for the page again. */
const again = (typed: Typed): Html =>
  typed.length === 0
    ? html`<a class="button" href="">Try again</a>`
    : html`<form method="post">
          ${typed.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
          <button type="submit">Try again</button>
        </form>`;

const kept = (typed: Typed) =>
  typed.length === 0 ? "" : "Your answer has not been saved yet, but this page still has it. ";

const busy = (typed: Typed, seconds: string | undefined) =>
  noticePage({
    status: 429,
    icon: "clock",
    tone: "calm",
    title: "One moment, please",
    text: `Many requests are coming from your network. ${kept(typed)}Please try again in ${seconds ?? "60"} seconds.`,
    action: again(typed),
  });

const broken = (status: number, typed: Typed) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "That didn’t work",
    text: `Something went wrong on our side. ${kept(typed)}Please try again in a moment.`,
    action: again(typed),
  });

const tooLong = () =>
  noticePage({
    status: 413,
    icon: "alarm",
    tone: "bad",
    title: "That is too long",
    text: `A comment can have ${counted(LONGEST.feedback_text)}. Please go back, shorten it and send it again.`,
    action: toSurvey,
  });

const odd = (status: number) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "We didn’t understand that",
    text: "What reached us was not an answer to the survey. Please fill in the form and send it again.",
    action: toSurvey,
  });

function pageOf(status: number, typed: Typed, retryAfter: string | undefined): Promise<RawReply> {
  if (status >= 500) return broken(status, typed);
  switch (status) {
    case 404:
      return unknown();
    case 409:
      return answered();
    case 410:
      return expired();
    case 413:
      return tooLong();
    case 429:
      return busy(typed, retryAfter);
    default:
      return odd(status);
  }
}

/** More than anybody types is not carried along. */
const LARGEST_CARRIED = 128 * 1024;

function typedIn({ requestContext, headers, body = "", isBase64Encoded }: Failure["event"]): Typed {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
  if (requestContext.http.method !== "POST" || !isForm || body.length > LARGEST_CARRIED) return [];
  const sent = new URLSearchParams(isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
  return Object.keys(SurveyForm.shape).flatMap((name) => {
    const value = sent.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** What fails while somebody answers a survey, as a page that still has the answer. */
export const withPages = failuresAsPages(({ status, event, retryAfter }) =>
  pageOf(status, typedIn(event), retryAfter),
);
