export { MailFailed } from "./failed.ts";
export { button, type Html, letter, part, STYLE, written } from "./layout.ts";
export { inLine, oneLine } from "./line.ts";
export type { Attachment, Mail } from "./mail.ts";
export { send } from "./send.ts";
