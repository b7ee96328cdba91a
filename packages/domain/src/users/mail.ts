/**
 * Mails about accounts, in the language of the stage: nobody says theirs. A part that is loaded with the first of them.
 */
import { html } from "hono/html";
import { config } from "../config.ts";
import { button, isolate, linkText, type Message, paragraph, renderMail, STYLE } from "../mail/index.ts";
import { type AccountTexts, accountTexts } from "../messages/index.ts";
import type { AccountMailKind } from "../table/index.ts";

/** Asks mail servers to send no automatic reply, such as a holiday notice (RFC 3834, 5). */
const headers = { "Auto-Submitted": "auto-generated" };

interface Person {
  readonly full_name: string;
}

interface Wording {
  readonly title: string;
  /** What lists of mails show behind the subject. */
  readonly preview: string;
  readonly lead: string;
  /** What there is to press, and what stands below it. */
  readonly link?: { readonly url: string; readonly label: string; readonly once?: string | undefined };
  /** What to do if something is wrong. */
  readonly advice?: string;
  /** Why somebody gets the mail. */
  readonly aside: string;
}

/** A mail of a title, a sentence, and what there is to do. */
function messageOf(
  { language, direction, text }: AccountTexts,
  { title, preview, lead, link, advice, aside }: Wording,
): Message {
  const below = link?.once === undefined ? "" : html`<p style="${STYLE.small}">${link.once}</p>`;
  return {
    subject: title,
    html: renderMail({
      title,
      preview,
      language,
      direction,
      parts: [
        paragraph(
          html`<h1 style="${STYLE.heading}">${title}</h1>
<p style="${STYLE.text}">${lead}</p>
${advice === undefined ? "" : html`<p style="${STYLE.text}"><strong style="${STYLE.strong}">${advice}</strong></p>`}`,
          32,
          ...(link ? [] : [32]),
        ),
        ...(link
          ? [
              paragraph(button(link.url, link.label)),
              paragraph(html`${below}\n${linkText(link.url, text("mail.button"))}`, 28, 32),
            ]
          : []),
      ],
      aside: html`<p style="${STYLE.tiny}">${aside}</p>`,
    }),
    text: `${[title, lead, link?.url, link?.once, advice, aside].filter(Boolean).join("\n\n")}\n`,
    headers,
  };
}

const textsNow = () => accountTexts(config().DEFAULT_LANGUAGE);
const instantOf = (texts: AccountTexts, at: string) => texts.instant(at, config().SCHEDULE_TIMEZONE);

/** What an invitation leads to: a page to set the first password, or where people sign in who have none. */
export type InvitationLink =
  | {
      readonly kind: "set_password";
      /** Holds the token, so whoever has the mail can set the password. */
      readonly url: string;
      readonly expires_at: string;
    }
  | { readonly kind: "sign_in"; readonly url: string };

/** The mail that invites somebody to the team. */
export function invitationMail({ full_name }: Person, inviter: Person, link: InvitationLink): Message {
  const texts = textsNow();
  const { text } = texts;
  const [name, by] = [isolate(full_name), isolate(inviter.full_name)];
  const common = { title: text("mail.invitation.title"), aside: text("mail.invitation.aside", { by }) };
  if (link.kind === "sign_in") {
    const lead = text("mail.invitation.provider", { name, by });
    const label = text("mail.invitation.sign_in");
    return messageOf(texts, { ...common, preview: lead, lead, link: { url: link.url, label } });
  }
  const once = text("mail.invitation.once", { until: instantOf(texts, link.expires_at) });
  return messageOf(texts, {
    ...common,
    preview: text("mail.invitation.preview"),
    lead: text("mail.invitation.lead", { name, by }),
    link: { url: link.url, label: text("page.form.first"), once },
  });
}

/** The mail to an address that is not the account's any more. The new one is not told: this one may be a stranger's. */
export function emailChangedMail({ full_name, updated_at }: Person & { updated_at: string }): Message {
  const texts = textsNow();
  const { text } = texts;
  const advice = text("mail.moved.advice");
  return messageOf(texts, {
    ...{ title: text("mail.moved.title"), preview: advice, advice, aside: text("mail.moved.aside") },
    lead: text("mail.moved.text", { name: isolate(full_name), at: instantOf(texts, updated_at) }),
  });
}

/**
 * The mail that brings a link to set another password.
 *
 * @param url of the page; it holds the token, so whoever has the mail can set the password
 */
export function resetMail({ full_name }: Person, url: string): Message {
  const texts = textsNow();
  const { text } = texts;
  return messageOf(texts, {
    ...{ title: text("mail.reset.title"), preview: text("mail.reset.preview") },
    lead: text("mail.reset.lead", { name: isolate(full_name) }),
    link: { url, label: text("page.form.other"), once: text("mail.reset.once") },
    aside: text("mail.reset.aside"),
  });
}

/** The mail that tells of a change of how somebody signs in. */
export function noticeMail(
  kind: Exclude<AccountMailKind, "password_reset">,
  { full_name, at }: Person & { readonly at: string },
): Message {
  const texts = textsNow();
  const { text } = texts;
  const advice = text("mail.notice.advice");
  return messageOf(texts, {
    ...{
      title: text(`mail.notice.${kind}.title`),
      preview: advice,
      advice,
      aside: text("mail.notice.aside"),
    },
    lead: text(`mail.notice.${kind}.text`, { name: isolate(full_name), at: instantOf(texts, at) }),
  });
}
