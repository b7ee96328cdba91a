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
export type { Attachment, Mail, MailOutcome, MailRequest } from "./send.ts";
export { MAY_HAVE_GONE_OUT, MailError, send, trySending, UNREACHABLE } from "./send.ts";
