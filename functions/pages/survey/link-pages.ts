import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Invitation } from "@success-manager/contract/surveys";
import type { Subscription } from "@success-manager/domain/surveys";
import { html } from "hono/html";
import { formatInstant, noticePage, type Reader } from "./layout.ts";

export const thanksPage = (reader: Reader, company?: string): Promise<RawReply> =>
  noticePage(reader, {
    status: 200,
    icon: "done",
    tone: "good",
    title: reader.texts.text("thanks.title"),
    text: reader.texts.text("thanks.text"),
    company,
    final: true,
  });

export const answeredPage = (reader: Reader, company?: string): Promise<RawReply> =>
  noticePage(reader, {
    status: 409,
    icon: "done",
    tone: "calm",
    title: reader.texts.text("answered.title"),
    text: reader.texts.text("answered.text"),
    company,
    final: true,
  });

export function expiredPage(
  reader: Reader,
  survey?: Pick<Invitation, "customer_name" | "expires_at">,
): Promise<RawReply> {
  const { text, pieces } = reader.texts;
  const until = survey && formatInstant(reader, survey.expires_at);
  return noticePage(reader, {
    status: 410,
    icon: "clock",
    tone: "calm",
    title: text("expired.title"),
    text: html`${until ? html`${pieces("expired.until", { until })} ` : ""}${text("expired.text")}`,
    company: survey?.customer_name,
    final: true,
  });
}

export const revokedPage = (reader: Reader, company?: string): Promise<RawReply> =>
  noticePage(reader, {
    status: 410,
    icon: "closed",
    tone: "calm",
    title: reader.texts.text("revoked.title"),
    text: reader.texts.text("revoked.text"),
    company,
    final: true,
  });

export const unknownPage = (reader: Reader): Promise<RawReply> =>
  noticePage(reader, {
    status: 404,
    icon: "lost",
    tone: "calm",
    title: reader.texts.text("unknown.title"),
    text: reader.texts.text("unknown.text"),
  });

/** Whether the recipient of a link still gets surveys, and the button with which they get no more. */
export function subscriptionPage(reader: Reader, subscription: Subscription): Promise<RawReply> {
  const { text, pieces } = reader.texts;
  const { state, customer_name: company } = subscription;
  if (state === "nobody")
    return noticePage(reader, {
      status: 404,
      icon: "lost",
      tone: "calm",
      title: text("unleavable.title"),
      text: text("unleavable.text"),
    });
  const email = html`<bdi>${subscription.email}</bdi>`;
  if (state === "unsubscribed")
    return noticePage(reader, {
      status: 200,
      icon: "done",
      tone: "good",
      title: text("left.title"),
      text: html`${pieces("left.text", { email })}`,
      company,
    });
  return noticePage(reader, {
    status: 200,
    icon: "mail",
    tone: "calm",
    title: text("leave.title"),
    text: html`${pieces("leave.text", { email })}`,
    company,
    action: html`<form method="post">
          <button type="submit">${text("leave.button")}</button>
        </form>`,
  });
}
