import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import type { Html } from "../site/layout.ts";
import { type FailedRequest, withErrorPages } from "../site/serve.ts";
import { noticePage } from "./pages.ts";

/** The same again: what was sent, or the page. */
const tryAgain = ({ requestContext }: FailedRequest["event"]): Html =>
  requestContext.http.method === "POST"
    ? html`<form method="post">
          <button type="submit">Try again</button>
        </form>`
    : html`<a class="button" href="">Try again</a>`;

const tooManyRequestsPage = ({ event, retryAfter = "60" }: FailedRequest) =>
  noticePage({
    status: 429,
    icon: "clock",
    tone: "calm",
    title: "One moment, please",
    text: `Many requests are coming from your network. Please try again in ${retryAfter} seconds.`,
    action: tryAgain(event),
  });

const serverErrorPage = ({ status, event }: FailedRequest) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "That didn’t work",
    text: "Something went wrong on our side. Please try again in a moment.",
    action: tryAgain(event),
  });

const notFoundPage = ({ status }: FailedRequest) =>
  noticePage({
    status,
    icon: "lost",
    tone: "calm",
    title: "There is nothing here",
    text: "The address may have been cut off on its way. Open the link from your mail again.",
  });

function pageOf(request: FailedRequest): Promise<RawReply> {
  // 409: others kept changing the schedule at the same time.
  if (request.status >= 500 || request.status === 409) return serverErrorPage(request);
  return request.status === 429 ? tooManyRequestsPage(request) : notFoundPage(request);
}

/** What fails on the pages of a report, as a page. */
export const withReportErrorPages = withErrorPages(pageOf);
