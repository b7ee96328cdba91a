import { Problem } from "@success-manager/contract/problem";
import { MailFailed } from "../../mail/index.ts";
import { StoreFailed } from "../store-failed.ts";

const UNEXPECTED = "It broke off for an unexpected reason; the details are in the log.";

/** What a person may read about a report that failed. */
export const sentenceOf = (error: unknown): string =>
  error instanceof Problem || error instanceof StoreFailed || error instanceof MailFailed
    ? error.message
    : UNEXPECTED;

/** About a report that was taken on as often as it may be, and whose workers never came back. */
export const NOBODY_CAME_BACK =
  "It broke off at each of its attempts without a word. Ask an admin to look at the log before you try again.";
