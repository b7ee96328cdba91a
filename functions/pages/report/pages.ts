import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { SubscriptionStatus } from "@success-manager/domain/reports";
import { loadPageBrand } from "@success-manager/domain/settings";
import { html } from "hono/html";
import { layout, type Notice as NoticeContent, notice, type Site } from "../site/layout.ts";
import { staticAssets } from "../site/static-asset.ts";

export interface Notice extends NoticeContent {
  readonly status: number;
  /** The report that it is about, where the link is known. */
  readonly report_name?: string | undefined;
}

/** The styles and the mark of the pages. */
export const files = staticAssets(`${import.meta.dirname}/assets`, "/report/assets");

const REPORT: Site = { files };

/** Names read in their own direction, whatever stands beside them. */
const kicker = (organization: string, report: string | undefined) =>
  report
    ? html`Report <strong><bdi>${report}</bdi></strong> from <bdi>${organization}</bdi>`
    : html`<bdi>${organization}</bdi>`;

/** A page that says one thing, in the brand of who reports. */
export async function noticePage({ status, report_name, ...content }: Notice): Promise<RawReply> {
  const brand = await loadPageBrand();
  return layout(REPORT, {
    status,
    title: content.title,
    kicker: kicker(brand.organization, report_name),
    content: notice(content),
    brand,
  });
}

type State<S extends SubscriptionStatus["state"]> = Extract<SubscriptionStatus, { readonly state: S }>;

const confirmPage = ({ report_name, recipient }: State<"recipient">) =>
  noticePage({
    status: 200,
    icon: "mail",
    tone: "calm",
    title: "No more of these reports?",
    text: html`This report is mailed to <bdi class="whole">${maskAddress(recipient)}</bdi>. Press the button, and that address gets no more of them. Everybody else still does.`,
    report_name,
    action: html`<form method="post">
          <button type="submit">Send me no more of these reports</button>
        </form>`,
  });

const unsubscribedPage = ({ report_name }: State<"unsubscribed">) =>
  noticePage({
    status: 200,
    icon: "done",
    tone: "good",
    title: "You get no more of these reports",
    text: "Your address is off the list. Should you want the report again, ask the person who looks after it to put you back.",
    report_name,
  });

/** Also for a schedule that was deleted: then there is nothing to leave. */
const unknownPage = () =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "There is nothing to leave here",
    text: "This report is no longer mailed to you, and nothing more will come; or the address was cut off on its way. If another mail does arrive, open the link in that one.",
  });

/** The page of a link to leave a report: whether its recipient still gets it. */
export function subscriptionPage(subscription: SubscriptionStatus): Promise<RawReply> {
  switch (subscription.state) {
    case "recipient":
      return confirmPage(subscription);
    case "unsubscribed":
      return unsubscribedPage(subscription);
    case "unknown":
      return unknownPage();
  }
}

/** `a…@example.com`: enough for its owner to know which, and no address for anybody who finds the link. */
function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const [first = ""] = address;
  return `${at > 1 ? first : ""}…${address.slice(at)}`;
}

const fileNotFoundPage = () =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "We can’t find this report",
    text: "The address may have been cut off on its way: open the link from your mail again. If it is an old mail, the report is not kept any more.",
  });

/** To the file itself. Its address lets anybody in for a while, so nobody keeps it. */
const redirectToFile = (location: string): RawReply => ({
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", location },
  body: "The report is at its own address, for five minutes.",
});

/** @param url of the file; undefined when there is none for the holder of the link */
export const filePage = async (url: string | undefined): Promise<RawReply> =>
  url ? redirectToFile(url) : fileNotFoundPage();
