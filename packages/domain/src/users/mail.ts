import { html } from "hono/html";
import { button, isolate, linkText, type Message, paragraph, renderMail, STYLE } from "../mail/index.ts";
import type { AccountMailKind } from "../table/index.ts";

const instantFormat = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

/** Asks mail servers to send no automatic reply, such as a holiday notice (RFC 3834, 5). */
const headers = { "Auto-Submitted": "auto-generated" };

interface Person {
  readonly full_name: string;
}

/**
 * The mail that invites somebody to the team.
 *
 * @param url of the page; it holds the token, so whoever has the mail can set the password
 */
export function invitationMail(
  { full_name }: Person,
  inviter: Person,
  url: string,
  expires_at: string,
): Message {
  const until = `${instantFormat.format(new Date(expires_at))} UTC`;
  const [name, by] = [isolate(full_name), isolate(inviter.full_name)];
  const title = "You are invited to Success Manager";
  const aside = `You get this mail because ${by} invited you. If you did not expect it, you need not do anything.`;
  return {
    subject: title,
    html: renderMail({
      title,
      preview: "Choose a password, and you can sign in.",
      parts: [
        paragraph(
          html`<h1 style="${STYLE.heading}">${title}</h1>
<p style="${STYLE.text}">Hello ${name}, ${by} has made an account for you. Choose a password, and you can sign in.</p>`,
          32,
        ),
        paragraph(button(url, "Choose a password")),
        paragraph(
          html`<p style="${STYLE.small}">The link is meant for you, and works once, until ${until}.</p>
${linkText(url)}`,
          28,
          32,
        ),
      ],
      aside: html`<p style="${STYLE.tiny}">${aside}</p>`,
    }),
    text: `\
${title}

Hello ${name}, ${by} has made an account for you. Choose a password, and you can sign in:

${url}

The link is meant for you, and works once, until ${until}.

${aside}
`,
    headers,
  };
}

/** The mail to an address that is not the account's any more. The new one is not told: this one may be a stranger's. */
export function emailChangedMail({ full_name, updated_at }: Person & { updated_at: string }): Message {
  const title = "Your account has another e-mail address now";
  const at = `${instantFormat.format(new Date(updated_at))} UTC`;
  const text = `Hello ${isolate(full_name)}, since ${at} your account at Success Manager has another e-mail address. You can't sign in with this one any more.`;
  const advice = "If that was not you, tell an admin of your team right away.";
  return {
    subject: title,
    html: renderMail({
      title,
      preview: advice,
      parts: [
        paragraph(
          html`<h1 style="${STYLE.heading}">${title}</h1>
<p style="${STYLE.text}">${text}</p>
<p style="${STYLE.text}"><strong style="${STYLE.strong}">${advice}</strong></p>`,
          32,
          32,
        ),
      ],
      aside: html`<p style="${STYLE.tiny}">You get this mail because this was the address of your account.</p>`,
    }),
    text: `${title}\n\n${text}\n\n${advice}\n`,
    headers,
  };
}

/**
 * The mail that brings a link to set another password.
 *
 * @param url of the page; it holds the token, so whoever has the mail can set the password
 */
export function resetMail({ full_name }: Person, url: string): Message {
  const title = "Choose a new password";
  const lead = `Hello ${isolate(full_name)}, somebody has asked for a new password for your account at Success Manager.`;
  const aside =
    "If that was not you, you need not do anything: your password stays as it is, and only who reads this mail can change it.";
  return {
    subject: title,
    html: renderMail({
      title,
      preview: "The link works once, for an hour.",
      parts: [
        paragraph(
          html`<h1 style="${STYLE.heading}">${title}</h1>
<p style="${STYLE.text}">${lead}</p>`,
          32,
        ),
        paragraph(button(url, "Choose a new password")),
        paragraph(
          html`<p style="${STYLE.small}">The link is meant for you, and works once, for an hour.</p>
${linkText(url)}`,
          28,
          32,
        ),
      ],
      aside: html`<p style="${STYLE.tiny}">${aside}</p>`,
    }),
    text: `\
${title}

${lead}

${url}

The link is meant for you, and works once, for an hour.

${aside}
`,
    headers,
  };
}

/** What people are told of their account, after the fact. */
const NOTICES = {
  password_changed: {
    title: "Your password was changed",
    what: "the password of your account at Success Manager was changed, and all other sessions have ended.",
  },
  second_factor_on: {
    title: "Signing in takes a second factor now",
    what: "a second factor was turned on for your account at Success Manager: signing in takes a code of an app as well. All other sessions have ended.",
  },
  second_factor_off: {
    title: "Your second factor was turned off",
    what: "the second factor of your account at Success Manager was turned off: the password alone is enough to sign in.",
  },
  second_factor_reset: {
    title: "An admin has reset your second factor",
    what: "an admin has reset the second factor of your account at Success Manager: the password alone is enough to sign in, and all sessions have ended. Set up another one as soon as you have signed in.",
  },
  recovery_code_used: {
    title: "A recovery code was used to sign in",
    what: "somebody signed in to your account at Success Manager with a recovery code. It is used up. When few are left, make new ones.",
  },
  codes_guessed: {
    title: "Somebody who knows your password tries to sign in",
    what: "somebody typed the password of your account at Success Manager, and then ten wrong codes. They did not get in. Choose another password.",
  },
} as const satisfies Readonly<
  Record<Exclude<AccountMailKind, "password_reset">, { readonly title: string; readonly what: string }>
>;

/** The mail that tells of a change of how somebody signs in. */
export function noticeMail(
  kind: keyof typeof NOTICES,
  { full_name, at }: Person & { readonly at: string },
): Message {
  const { title, what } = NOTICES[kind];
  const text = `Hello ${isolate(full_name)}, on ${instantFormat.format(new Date(at))} UTC ${what}`;
  const advice =
    "If that was not you, ask for a new password on the page where you sign in, and tell an admin of your team right away.";
  return {
    subject: title,
    html: renderMail({
      title,
      preview: advice,
      parts: [
        paragraph(
          html`<h1 style="${STYLE.heading}">${title}</h1>
<p style="${STYLE.text}">${text}</p>
<p style="${STYLE.text}"><strong style="${STYLE.strong}">${advice}</strong></p>`,
          32,
          32,
        ),
      ],
      aside: html`<p style="${STYLE.tiny}">You get this mail because this is the address of your account.</p>`,
    }),
    text: `${title}\n\n${text}\n\n${advice}\n`,
    headers,
  };
}
