import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { PasswordForm } from "@success-manager/contract/password-page";
import { config } from "@success-manager/domain/config";
import { type AccountTexts, accountTexts, chooseLanguage } from "@success-manager/domain/messages";
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

/** Who reads a page: what their browser says of their language, else that of the stage. */
export interface Reader {
  readonly texts: AccountTexts;
}

export const readerOf = (headers: Readonly<Record<string, string | undefined>>): Reader => ({
  texts: accountTexts(
    chooseLanguage({ accepted: headers["accept-language"], stage: config().DEFAULT_LANGUAGE }),
  ),
});

/** A page in the brand of the stage. */
async function layout({ texts }: Reader, page: Omit<Page, "brand" | "kicker">): Promise<RawReply> {
  const brand = await loadPageBrand();
  const { language, direction } = texts;
  return siteLayout(PASSWORD, { ...page, language, direction, kicker: kicker(brand.organization), brand });
}

type Notice = NoticeContent & { readonly status: number };

/** A page that says one thing. */
const noticePage = (reader: Reader, { status, ...content }: Notice): Promise<RawReply> =>
  layout(reader, { status, title: content.title, content: notice(content) });

const donePage = (reader: Reader) =>
  noticePage(reader, {
    ...{ status: 200, icon: "done", tone: "good" },
    ...{ title: reader.texts.text("page.done.title"), text: reader.texts.text("page.done.text") },
  });

const usedPage = (reader: Reader) =>
  noticePage(reader, {
    ...{ status: 409, icon: "done", tone: "calm" },
    ...{ title: reader.texts.text("page.used.title"), text: reader.texts.text("page.used.text") },
  });

type Purpose = Extract<PasswordLinkStatus, { purpose: unknown }>["purpose"];

const askAgain = ({ texts }: Reader) =>
  html`<a class="button" href="/password">${texts.text("page.again")}</a>`;

const expiredPage = (reader: Reader, purpose: Purpose) =>
  noticePage(reader, {
    ...{ status: 410, icon: "clock", tone: "calm", title: reader.texts.text("page.expired.title") },
    text: reader.texts.text(`page.expired.${purpose}`),
    ...(purpose === "reset" && { action: askAgain(reader) }),
  });

const revokedPage = (reader: Reader, purpose: Purpose) =>
  noticePage(reader, {
    ...{ status: 410, icon: "closed", tone: "calm", title: reader.texts.text("page.revoked.title") },
    text: reader.texts.text(`page.revoked.${purpose}`),
    ...(purpose === "reset" && { action: askAgain(reader) }),
  });

const unknownPage = (reader: Reader) =>
  noticePage(reader, {
    ...{ status: 404, icon: "lost", tone: "calm" },
    ...{ title: reader.texts.text("page.unknown.title"), text: reader.texts.text("page.unknown.text") },
  });

/** Where nobody signs in by a password. */
const providerPage = (reader: Reader) =>
  noticePage(reader, {
    ...{ status: 403, icon: "closed", tone: "calm" },
    ...{ title: reader.texts.text("page.provider.title"), text: reader.texts.text("page.provider.text") },
  });

interface Asked {
  readonly typed?: string;
  /** Whether it is no address. */
  readonly isWrong?: boolean;
}

const fault = ({ texts }: Reader, id: string, text: string) =>
  html`<p class="fault" id="${id}"><span class="unseen">${texts.text("page.error")} </span>${text}</p>`;

/** The form for those who have forgotten their password. */
export function askPage(reader: Reader, { typed = "", isWrong = false }: Asked): Promise<RawReply> {
  if (config().PASSWORD_LOGIN === "off") return providerPage(reader);
  const { text } = reader.texts;
  const title = text("page.ask.title");
  return layout(reader, {
    status: isWrong ? 422 : 200,
    title: isWrong ? text("page.ask.not_sent", { title }) : title,
    content: html`<h1>${title}</h1>
      <p class="lead">${text("page.ask.lead")}</p>
      <form method="post" action="/password" novalidate>
        <div class="field">
          <label for="email">${text("page.ask.label")}</label>
          ${isWrong ? fault(reader, "email-fault", text("page.fault.email")) : ""}
          <input id="email" name="email" type="email" dir="ltr" autocomplete="username" required value="${typed}" ${isWrong ? html`aria-invalid="true" aria-describedby="email-fault" autofocus` : ""}>
        </div>
        <button type="submit">${text("page.ask.send")}</button>
      </form>`,
  });
}

/** Says the same whoever has the address, if anybody. */
export const sentPage = (reader: Reader): Promise<RawReply> =>
  noticePage(reader, {
    ...{ status: 200, icon: "mail", tone: "good" },
    ...{ title: reader.texts.text("page.sent.title"), text: reader.texts.text("page.sent.text") },
  });

/** What may be wrong with a password. */
export type Fault = "short" | "long" | "common" | "personal" | "differ";

/** What is wrong with a field. */
export type FieldErrors = Partial<Readonly<Record<keyof PasswordForm, Fault>>>;

function field(
  reader: Reader,
  name: keyof PasswordForm,
  label: string,
  errors: FieldErrors,
  rules?: string,
): Html {
  const wrong = errors[name];
  const ids = [...(wrong ? [`${name}-fault`] : []), ...(rules ? [`${name}-rules`] : [])].join(" ");
  return html`<div class="field">
          <label for="${name}">${label}</label>
          ${wrong ? fault(reader, `${name}-fault`, reader.texts.text(`page.fault.${wrong}`)) : ""}
          <input id="${name}" name="${name}" type="password" autocomplete="new-password" required ${wrong ? html`aria-invalid="true" autofocus` : ""} ${ids ? html`aria-describedby="${ids}"` : ""}>
          ${rules ? html`<p class="aside" id="${name}-rules">${rules}</p>` : ""}
        </div>`;
}

/** The form. What was typed is not shown again: it is a password. */
function formPage(
  reader: Reader,
  { user }: Extract<PasswordLinkStatus, { status: "open" }>,
  errors: FieldErrors,
): Promise<RawReply> {
  const { text, pieces } = reader.texts;
  const refused = Object.keys(errors).length > 0;
  const title = text(user.invited_at ? "page.form.first" : "page.form.other");
  const who = { name: html`<bdi>${user.full_name}</bdi>`, email: html`<bdi>${user.email}</bdi>` };
  return layout(reader, {
    status: refused ? 422 : 200,
    title: refused ? text("page.form.not_set", { title }) : title,
    content: html`<h1>${title}</h1>
      <p class="lead">${pieces("page.form.hello", who)}</p>
      <form method="post" novalidate>
        <input type="hidden" name="username" autocomplete="username" value="${user.email}">
        ${field(reader, "password", text("page.form.password"), errors, text("page.form.rules"))}
        ${field(reader, "repeated", text("page.form.repeated"), errors)}
        <button type="submit">${text("page.form.set")}</button>
      </form>`,
  });
}

interface Shown {
  readonly errors?: FieldErrors;
  /** Whether the password was set just now, on this page. */
  readonly isDone?: boolean;
}

/** The page of a link in its current state. */
export function pageOf(
  reader: Reader,
  found: PasswordLinkStatus,
  { errors = {}, isDone = false }: Shown,
): Promise<RawReply> {
  switch (found.status) {
    case "open":
      return config().PASSWORD_LOGIN === "off" ? providerPage(reader) : formPage(reader, found, errors);
    case "used":
      return isDone ? donePage(reader) : usedPage(reader);
    case "expired":
      return expiredPage(reader, found.purpose);
    case "revoked":
      return revokedPage(reader, found.purpose);
    case "unknown":
      return unknownPage(reader);
  }
}

const backToPage = ({ texts }: Reader) => html`<a class="button" href="">${texts.text("page.back")}</a>`;

const tooManyRequestsPage = (reader: Reader, { retryAfter: seconds = "60" }: FailedRequest) =>
  noticePage(reader, {
    ...{ status: 429, icon: "clock", tone: "calm", title: reader.texts.text("page.busy.title") },
    ...{ text: reader.texts.text("page.busy.text", { seconds }), action: backToPage(reader) },
  });

const failedPage = (reader: Reader, { status }: FailedRequest) =>
  noticePage(reader, {
    ...{ status, icon: "alarm", tone: "bad", title: reader.texts.text("page.failed.title") },
    text: reader.texts.text(status >= 500 ? "page.failed.ours" : "page.failed.yours"),
    action: backToPage(reader),
  });

function errorPageOf(request: FailedRequest): Promise<RawReply> {
  const reader = readerOf(request.event.headers);
  switch (request.status) {
    case 403:
      return config().PASSWORD_LOGIN === "off" ? providerPage(reader) : failedPage(reader, request);
    case 404:
      return unknownPage(reader);
    case 409:
      return usedPage(reader);
    case 410:
      return revokedPage(reader, "invitation");
    case 429:
      return tooManyRequestsPage(reader, request);
    default:
      return failedPage(reader, request);
  }
}

/** What fails on the page, as a page. */
export const withPasswordErrorPages = withErrorPages(errorPageOf);
