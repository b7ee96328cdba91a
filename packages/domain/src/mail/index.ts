export {
  button,
  COLOR,
  type Frame,
  type FramedMail,
  type Html,
  isolate,
  linkText,
  mailedByMachine,
  paragraph,
  renderMail,
  STYLE,
  sanitizeLine,
  type TeamBranding,
} from "./layout.ts";
export type { Attachment, Mail, MailOutcome, MailRequest, Message } from "./send.ts";
export { MAY_HAVE_GONE_OUT, MailError, send, trySending, UNREACHABLE } from "./send.ts";
export { type MailEvent, type MailTag, outranks } from "./status.ts";
export * as Suppressions from "./suppression.ts";
export { type AddressProblem, problemOf } from "./suppression.ts";
