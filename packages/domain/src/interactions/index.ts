import { pendingFollowUps } from "./follow-ups.ts";
import * as interactions from "./interactions.ts";
import * as lists from "./list.ts";
import { summary } from "./summary.ts";

export { keptDates, lastContactAt, lastContactGet, lastContactWrite } from "./last-contact.ts";
export { stored, type Told } from "./stored.ts";
export const Interactions = { ...interactions, ...lists, pendingFollowUps, summary };
export { escalationFindings } from "./escalation.ts";
