import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Standing } from "@success-manager/domain/reports/mail";
import { html } from "hono/html";
import { masked } from "./masked.ts";
import { noticePage } from "./notice.ts";

type Known<S extends Standing["state"]> = Extract<Standing, { readonly state: S }>;

const ask = ({ report_name, recipient }: Known<"recipient">) =>
  noticePage({
    status: 200,
    icon: "mail",
    tone: "calm",
    title: "No more of these reports?",
    text: html`This report is mailed to <bdi class="whole">${masked(recipient)}</bdi>. Press the button, and that address gets no more of them. Everybody else still does.`,
    report_name,
    action: html`<form method="post">
          <button type="submit">Send me no more of these reports</button>
        </form>`,
  });

const left = ({ report_name }: Known<"left">) =>
  noticePage({
    status: 200,
    icon: "done",
    tone: "good",
    title: "You get no more of these reports",
    text: "Your address is off the list. Should you want the report again, ask the person who looks after it to put you back.",
    report_name,
  });

/** Also for a schedule that was deleted: then there is nothing to leave. */
const unknown = () =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "There is nothing to leave here",
    text: "This report is no longer mailed to you, and nothing more will come; or the address was cut off on its way. If another mail does arrive, open the link in that one.",
  });

/** The page of a link, as its holder stands to the report. */
export function standingPage(standing: Standing): Promise<RawReply> {
  switch (standing.state) {
    case "recipient":
      return ask(standing);
    case "left":
      return left(standing);
    case "unknown":
      return unknown();
  }
}
