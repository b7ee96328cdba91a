import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import { type Failure, failuresAsPages } from "../site/failure.ts";
import type { Html } from "../site/layout.ts";
import { noticePage } from "./notice.ts";

/** The same again: what was sent, or the page. */
const again = ({ requestContext }: Failure["event"]): Html =>
  requestContext.http.method === "POST"
    ? html`<form method="post">
          <button type="submit">Try again</button>
        </form>`
    : html`<a class="button" href="">Try again</a>`;

const busy = ({ event, retryAfter = "60" }: Failure) =>
  noticePage({
    status: 429,
    icon: "clock",
    tone: "calm",
    title: "One moment, please",
    text: `Many requests are coming from your network. Please try again in ${retryAfter} seconds.`,
    action: again(event),
  });

const broken = ({ status, event }: Failure) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "That didn’t work",
    text: "Something went wrong on our side. Please try again in a moment.",
    action: again(event),
  });

const odd = ({ status }: Failure) =>
  noticePage({
    status,
    icon: "lost",
    tone: "calm",
    title: "There is nothing here",
    text: "The address may have been cut off on its way. Open the link from your mail again.",
  });

function pageOf(failure: Failure): Promise<RawReply> {
  // 409: others kept changing the schedule at the same time.
  if (failure.status >= 500 || failure.status === 409) return broken(failure);
  return failure.status === 429 ? busy(failure) : odd(failure);
}

/** What fails on the pages of a report, as a page. */
export const withPages = failuresAsPages(pageOf);
