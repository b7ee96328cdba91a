import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import { type FailedRequest, withErrorPages } from "../site/serve.ts";
import { noticePage, textsOf } from "./pages.ts";

/** The same again: what was sent, or the page. */
const tryAgain = ({ requestContext }: FailedRequest["event"], again: string): Html =>
  requestContext.http.method === "POST"
    ? html`<form method="post">
          <button type="submit">${again}</button>
        </form>`
    : html`<a class="button" href="">${again}</a>`;

const tooManyRequestsPage = ({ event, retryAfter = "60" }: FailedRequest, texts = textsOf()) =>
  noticePage({
    texts,
    status: 429,
    icon: "clock",
    tone: "calm",
    title: texts.text("busy.title"),
    text: texts.text("busy.text", { seconds: Number(retryAfter) }),
    action: tryAgain(event, texts.text("action.again")),
  });

const serverErrorPage = ({ status, event }: FailedRequest, texts = textsOf()) =>
  noticePage({
    texts,
    status,
    icon: "alarm",
    tone: "bad",
    title: texts.text("broken.title"),
    text: texts.text("broken.text"),
    action: tryAgain(event, texts.text("action.again")),
  });

const notFoundPage = ({ status }: FailedRequest, texts = textsOf()) =>
  noticePage({
    texts,
    status,
    icon: "lost",
    tone: "calm",
    title: texts.text("lost.title"),
    text: texts.text("lost.text"),
  });

function pageOf(request: FailedRequest): Promise<RawReply> {
  // 409: others kept changing the schedule at the same time.
  if (request.status >= 500 || request.status === 409) return serverErrorPage(request);
  return request.status === 429 ? tooManyRequestsPage(request) : notFoundPage(request);
}

/** What fails on the pages of a report, as a page. */
export const withReportErrorPages = withErrorPages(pageOf);
