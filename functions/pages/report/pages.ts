import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Language } from "@success-manager/contract/vocabulary";
import { config } from "@success-manager/domain/config";
import { reportPageTexts } from "@success-manager/domain/messages";
import type { SubscriptionStatus } from "@success-manager/domain/reports";
import { loadPageBrand } from "@success-manager/domain/settings";
import { html } from "hono/html";
import { layout, type Notice as NoticeContent, notice, type Site } from "../site/layout.ts";
import { staticAssets } from "../site/static-asset.ts";

export interface Notice extends NoticeContent {
  readonly status: number;
  /** The report that it is about, where the link is known. */
  readonly report_name?: string | undefined;
  readonly texts: PageTexts;
}

/** The styles and the mark of the pages. */
export const files = staticAssets(`${import.meta.dirname}/assets`, "/report/assets");

const REPORT: Site = { files };

/** Names read in their own direction, whatever stands beside them. */
const kicker = (organization: string, report: string | undefined, texts: PageTexts) =>
  report
    ? html`${texts.pieces("kicker.report", {
        name: html`<strong><bdi>${report}</bdi></strong>`,
        organization: html`<bdi>${organization}</bdi>`,
      })}`
    : html`<bdi>${organization}</bdi>`;

type PageTexts = ReturnType<typeof reportPageTexts>;

/** What pages say: in the language of the reports, else in the stage's. */
export const textsOf = (language?: Language): PageTexts =>
  reportPageTexts(language ?? config().DEFAULT_LANGUAGE);

/** A page that says one thing, in the brand of who reports. */
export async function noticePage({ status, report_name, texts, ...content }: Notice): Promise<RawReply> {
  const brand = await loadPageBrand();
  const { language, direction } = texts;
  return layout(REPORT, {
    ...{ status, title: content.title, content: notice(content), brand, language, direction },
    kicker: kicker(brand.organization, report_name, texts),
  });
}

type State<S extends SubscriptionStatus["state"]> = Extract<SubscriptionStatus, { readonly state: S }>;

function confirmPage({ report_name, recipient, language }: State<"recipient">) {
  const texts = textsOf(language);
  const address = html`<bdi class="whole">${maskAddress(recipient)}</bdi>`;
  return noticePage({
    texts,
    status: 200,
    icon: "mail",
    tone: "calm",
    title: texts.text("ask.title"),
    text: html`${texts.pieces("ask.text", { address })}`,
    report_name,
    action: html`<form method="post">
          <button type="submit">${texts.text("ask.button")}</button>
        </form>`,
  });
}

function unsubscribedPage({ report_name, language }: State<"unsubscribed">) {
  const texts = textsOf(language);
  return noticePage({
    texts,
    status: 200,
    icon: "done",
    tone: "good",
    title: texts.text("left.title"),
    text: texts.text("left.text"),
    report_name,
  });
}

/** Also for a schedule that was deleted: then there is nothing to leave. */
const unknownPage = (texts = textsOf()) =>
  noticePage({
    texts,
    status: 404,
    icon: "lost",
    tone: "calm",
    title: texts.text("gone.title"),
    text: texts.text("gone.text"),
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

const fileNotFoundPage = (texts = textsOf()) =>
  noticePage({
    texts,
    status: 404,
    icon: "lost",
    tone: "calm",
    title: texts.text("missing.title"),
    text: texts.text("missing.text"),
  });

/** To the file itself. Its address lets anybody in for a while, so nobody keeps it. */
const redirectToFile = (location: string): RawReply => ({
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", location },
  body: "The report is at its own address, for five minutes.",
});

/** @param url of the file; undefined when there is none for the holder of the link */
export const filePage = async (url: string | undefined): Promise<RawReply> =>
  url ? redirectToFile(url) : fileNotFoundPage();
