import { html } from "hono/html";
import { button, isolate, linkText, type Message, paragraph, renderMail, STYLE } from "../mail/index.ts";

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
