export { MailFailed } from "./failed.ts";
export { button, type Html, linkText, paragraph, renderMail, STYLE } from "./layout.ts";
export { isolate, sanitizeLine } from "./line.ts";
export type { Attachment, Mail } from "./mail.ts";
export { send } from "./send.ts";
