import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { SurveyForm } from "@success-manager/contract/survey-page";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import { type FailedRequest, withErrorPages } from "../site/serve.ts";
import { MAX_LENGTH } from "./answer.ts";
import { noticePage, type Reader, readerOf } from "./layout.ts";
import { answeredPage, expiredPage, unknownPage } from "./link-pages.ts";

/** What a person was about to send. */
type Typed = readonly (readonly [field: string, value: string])[];

const backToSurvey = ({ texts }: Reader) => html`<a class="button" href="">${texts.text("action.back")}</a>`;

/** Sends the same again; without anything typed, asks for the page again. */
const tryAgain = ({ texts }: Reader, typed: Typed): Html =>
  typed.length === 0
    ? html`<a class="button" href="">${texts.text("action.again")}</a>`
    : html`<form method="post">
          ${typed.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
          <button type="submit">${texts.text("action.again")}</button>
        </form>`;

const sentences = (...all: readonly string[]) => all.filter(Boolean).join(" ");
const keptText = ({ texts }: Reader, typed: Typed) => (typed.length === 0 ? "" : texts.text("broken.kept"));

const tooManyRequestsPage = (reader: Reader, typed: Typed, seconds: number) =>
  noticePage(reader, {
    status: 429,
    icon: "clock",
    tone: "calm",
    title: reader.texts.text("busy.title"),
    text: sentences(
      reader.texts.text("busy.text"),
      keptText(reader, typed),
      reader.texts.text("busy.again", { seconds }),
    ),
    action: tryAgain(reader, typed),
  });

const serverErrorPage = (reader: Reader, status: number, typed: Typed) =>
  noticePage(reader, {
    status,
    icon: "alarm",
    tone: "bad",
    title: reader.texts.text("broken.title"),
    text: sentences(
      reader.texts.text("broken.text"),
      keptText(reader, typed),
      reader.texts.text("broken.again"),
    ),
    action: tryAgain(reader, typed),
  });

const tooLongPage = (reader: Reader) =>
  noticePage(reader, {
    status: 413,
    icon: "alarm",
    tone: "bad",
    title: reader.texts.text("long.title"),
    text: reader.texts.text("long.text", { count: MAX_LENGTH.feedback_text }),
    action: backToSurvey(reader),
  });

const invalidRequestPage = (reader: Reader, status: number) =>
  noticePage(reader, {
    status,
    icon: "alarm",
    tone: "bad",
    title: reader.texts.text("invalid.title"),
    text: reader.texts.text("invalid.text"),
    action: backToSurvey(reader),
  });

function pageOf(reader: Reader, status: number, typed: Typed, seconds: number): Promise<RawReply> {
  if (status >= 500) return serverErrorPage(reader, status, typed);
  switch (status) {
    case 404:
      return unknownPage(reader);
    case 409:
      return answeredPage(reader);
    case 410:
      return expiredPage(reader);
    case 413:
      return tooLongPage(reader);
    case 429:
      return tooManyRequestsPage(reader, typed, seconds);
    default:
      return invalidRequestPage(reader, status);
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

/** Seconds after which the same may work where nobody says: limits count by the minute. */
const A_MINUTE = 60;

/** What fails while somebody answers a survey, as a page that still has the answer, in the language of address or browser. */
export const withSurveyErrorPages = withErrorPages(async ({ status, event, retryAfter }) => {
  const lang = new URLSearchParams(event.rawQueryString ?? "").get("lang") ?? undefined;
  const reader = await readerOf({ lang, headers: event.headers });
  return pageOf(reader, status, parseTyped(event), Number(retryAfter ?? A_MINUTE));
});
