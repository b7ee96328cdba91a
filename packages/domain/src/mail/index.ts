export {
  button,
  type Html,
  isolate,
  linkText,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
} from "./layout.ts";
export type { Attachment, Mail } from "./mail.ts";
export { MailError } from "./mail.ts";
export { send } from "./send.ts";
