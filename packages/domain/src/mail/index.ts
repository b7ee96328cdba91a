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
export type { Attachment, Mail, MailOutcome, MailRequest, Message } from "./send.ts";
export { MAY_HAVE_GONE_OUT, MailError, send, trySending, UNREACHABLE } from "./send.ts";
export { mailedByMachine, senderName } from "./sender.ts";
export { type MailEvent, type MailTag, outranks } from "./status.ts";
export * as Suppressions from "./suppression.ts";
export { type AddressProblem, problemOf } from "./suppression.ts";
