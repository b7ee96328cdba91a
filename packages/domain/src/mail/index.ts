export {
  type Branding,
  button,
  type Html,
  isolate,
  linkText,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
} from "./layout.ts";
export type { Attachment, Mail } from "./send.ts";
export { MailError, send } from "./send.ts";
