export { MailFailed } from "./failed.ts";
export type { Attachment, Mail } from "./mail.ts";
export { send } from "./send.ts";
