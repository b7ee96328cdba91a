import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { PasswordForm } from "@success-manager/contract/password-page";
import { loadPageBrand } from "@success-manager/domain/settings";
import type { PasswordLinkStatus } from "@success-manager/domain/users";
import { html } from "hono/html";
import {
  type Html,
  type Notice as NoticeContent,
  notice,
  type Page,
  type Site,
  layout as siteLayout,
} from "../site/layout.ts";
import { type FailedRequest, withErrorPages } from "../site/serve.ts";
import { staticAssets } from "../site/static-asset.ts";

/** The styles and the mark of the pages. */
export const files = staticAssets(`${import.meta.dirname}/assets`, "/password/assets");

const PASSWORD: Site = { files };
const PRODUCT = "Success Manager";

/** What people sign in to, and whose it is. */
const kicker = (organization: string) =>
  organization === PRODUCT ? PRODUCT : html`<bdi>${organization}</bdi> · ${PRODUCT}`;

/** A page in the brand of the stage. */
async function layout(page: Omit<Page, "brand" | "kicker">): Promise<RawReply> {
  const brand = await loadPageBrand();
  return siteLayout(PASSWORD, { ...page, kicker: kicker(brand.organization), brand });
}

type Notice = NoticeContent & { readonly status: number };

/** A page that says one thing. */
const noticePage = ({ status, ...content }: Notice): Promise<RawReply> =>
  layout({ status, title: content.title, content: notice(content) });

const donePage = () =>
  noticePage({
    status: 200,
    icon: "done",
    tone: "good",
    title: "Your password is set",
    text: "You can sign in with it now. You can close this page.",
  });

const usedPage = () =>
  noticePage({
    status: 409,
    icon: "done",
    tone: "calm",
    title: "This link has been used",
    text: "Each link sets one password. If it was you: sign in with that password. If not, tell an admin of your team right away.",
  });

type Purpose = Extract<PasswordLinkStatus, { purpose: unknown }>["purpose"];

const askAgain = html`<a class="button" href="/password">Ask for a new link</a>`;

const expiredPage = (purpose: Purpose) =>
  noticePage({
    status: 410,
    icon: "clock",
    tone: "calm",
    title: "This link has expired",
    ...(purpose === "reset"
      ? { text: "It was good for an hour. A new one takes a minute.", action: askAgain }
      : { text: "Ask an admin of your team to invite you again. It takes them a minute." }),
  });

const revokedPage = (purpose: Purpose) =>
  noticePage({
    status: 410,
    icon: "closed",
    tone: "calm",
    title: "This link is no longer valid",
    ...(purpose === "reset"
      ? { text: "If you got a newer mail, open the link in that one.", action: askAgain }
      : { text: "If you got a newer mail, open the link in that one. Otherwise ask an admin of your team." }),
  });

const unknownPage = () =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "We can’t find this link",
    text: "The address may have been cut off on its way. Open the link from your mail again, or copy the whole of it into the address bar.",
  });

interface Asked {
  readonly typed?: string;
  /** What is wrong with it, as a sentence. */
  readonly fault?: string | undefined;
}

/** The form for those who have forgotten their password. */
export const askPage = ({ typed = "", fault }: Asked): Promise<RawReply> =>
  layout({
    status: fault ? 422 : 200,
    title: fault ? "Not sent yet: Forgotten your password?" : "Forgotten your password?",
    content: html`<h1>Forgotten your password?</h1>
      <p class="lead">We mail you a link with which you can choose a new one.</p>
      <form method="post" action="/password" novalidate>
        <div class="field">
          <label for="email">Your e-mail address</label>
          ${fault ? html`<p class="fault" id="email-fault"><span class="unseen">Error: </span>${fault}</p>` : ""}
          <input id="email" name="email" type="email" autocomplete="username" required value="${typed}" ${fault ? html`aria-invalid="true" aria-describedby="email-fault" autofocus` : ""}>
        </div>
        <button type="submit">Send the link</button>
      </form>`,
  });

/** Says the same whoever has the address, if anybody. */
export const sentPage = (): Promise<RawReply> =>
  noticePage({
    status: 200,
    icon: "mail",
    tone: "good",
    title: "Look into your mail",
    text: "If this address is that of an account with a password, a link is on its way to it. It works once, for an hour. If nothing comes, look among the spam, or ask an admin of your team.",
  });

/** What is wrong with a field, as a sentence. */
export type FieldErrors = Partial<Readonly<Record<keyof PasswordForm, string>>>;

function field(name: keyof PasswordForm, label: string, errors: FieldErrors, rules?: Html): Html {
  const text = errors[name];
  const ids = [...(text ? [`${name}-fault`] : []), ...(rules ? [`${name}-rules`] : [])].join(" ");
  return html`<div class="field">
          <label for="${name}">${label}</label>
          ${text ? html`<p class="fault" id="${name}-fault"><span class="unseen">Error: </span>${text}</p>` : ""}
          <input id="${name}" name="${name}" type="password" autocomplete="new-password" required ${text ? html`aria-invalid="true" autofocus` : ""} ${ids ? html`aria-describedby="${ids}"` : ""}>
          ${rules ? html`<p class="aside" id="${name}-rules">${rules}</p>` : ""}
        </div>`;
}

const RULES = html`At least 8 characters. A few words that don’t belong together are easy to keep in mind, and hard to guess.`;

/** The form. What was typed is not shown again: it is a password. */
function formPage(
  { user }: Extract<PasswordLinkStatus, { status: "open" }>,
  errors: FieldErrors,
): Promise<RawReply> {
  const refused = Object.keys(errors).length > 0;
  const title = user.invited_at ? "Choose a password" : "Choose a new password";
  return layout({
    status: refused ? 422 : 200,
    title: refused ? `Not set yet: ${title}` : title,
    content: html`<h1>${title}</h1>
      <p class="lead">Hello <bdi>${user.full_name}</bdi>, you sign in with <bdi>${user.email}</bdi> and this password.</p>
      <form method="post" novalidate>
        <input type="hidden" name="username" autocomplete="username" value="${user.email}">
        ${field("password", "Password", errors, RULES)}
        ${field("repeated", "The same again", errors)}
        <button type="submit">Set the password</button>
      </form>`,
  });
}

interface Shown {
  readonly errors?: FieldErrors;
  /** Whether the password was set just now, on this page. */
  readonly isDone?: boolean;
}

/** The page of a link in its current state. */
export function pageOf(found: PasswordLinkStatus, { errors = {}, isDone = false }: Shown): Promise<RawReply> {
  switch (found.status) {
    case "open":
      return formPage(found, errors);
    case "used":
      return isDone ? donePage() : usedPage();
    case "expired":
      return expiredPage(found.purpose);
    case "revoked":
      return revokedPage(found.purpose);
    case "unknown":
      return unknownPage();
  }
}

const backToPage = html`<a class="button" href="">Back to the page</a>`;

const tooManyRequestsPage = ({ retryAfter = "60" }: FailedRequest) =>
  noticePage({
    status: 429,
    icon: "clock",
    tone: "calm",
    title: "One moment, please",
    text: `Many requests are coming from your network. Please try again in ${retryAfter} seconds.`,
    action: backToPage,
  });

const failedPage = ({ status }: FailedRequest) =>
  noticePage({
    status,
    icon: "alarm",
    tone: "bad",
    title: "That didn’t work",
    text:
      status >= 500
        ? "Something went wrong on our side. Please try again in a moment."
        : "What reached us was not the form of this page. Please fill it in again.",
    action: backToPage,
  });

function errorPageOf(request: FailedRequest): Promise<RawReply> {
  switch (request.status) {
    case 404:
      return unknownPage();
    case 409:
      return usedPage();
    case 410:
      return revokedPage("invitation");
    case 429:
      return tooManyRequestsPage(request);
    default:
      return failedPage(request);
  }
}

/** What fails on the page, as a page. */
export const withPasswordErrorPages = withErrorPages(errorPageOf);
