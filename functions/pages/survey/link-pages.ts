import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { Invitation } from "@success-manager/contract/surveys";
import { html } from "hono/html";
import { formatInstant, noticePage } from "./layout.ts";

export const thanksPage = (company?: string): Promise<RawReply> =>
  noticePage({
    status: 200,
    icon: "done",
    tone: "good",
    title: "Thank you!",
    text: "Your answer has arrived, and somebody will read it. You can close this page now.",
    company,
    final: true,
  });

export const answeredPage = (company?: string): Promise<RawReply> =>
  noticePage({
    status: 409,
    icon: "done",
    tone: "calm",
    title: "This survey has been answered",
    text: "Each link takes one answer, and this one has it. If it was yours: thank you, it is safe with us and there is nothing left to do.",
    company,
    final: true,
  });

export const expiredPage = (survey?: Pick<Invitation, "customer_name" | "expires_at">): Promise<RawReply> =>
  noticePage({
    status: 410,
    icon: "clock",
    tone: "calm",
    title: "This survey has ended",
    text: html`${survey ? html`It was open until ${formatInstant(survey.expires_at)}. ` : ""}If you would still like to tell us something, just reply to the person who sent you the link.`,
    company: survey?.customer_name,
    final: true,
  });

export const revokedPage = (company?: string): Promise<RawReply> =>
  noticePage({
    status: 410,
    icon: "closed",
    tone: "calm",
    title: "This survey was withdrawn",
    text: "Its link has been switched off, and no answer is needed any more. If you got a newer link, please use that one.",
    company,
    final: true,
  });

export const unknownPage = (): Promise<RawReply> =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "We can’t find this survey",
    text: "The address may have been cut off on its way. Open the link from your message again, or copy the whole of it into the address bar.",
  });
