import { pendingFollowUps } from "./follow-ups.ts";
import * as interactions from "./interactions.ts";
import * as lists from "./list.ts";
import { summary } from "./summary.ts";

export { lastInteractionAt, lastInteractionWrite, retainedDates } from "./last-contact.ts";
export { type InteractionInput, toStoredInteraction } from "./stored.ts";
export const Interactions = { ...interactions, ...lists, pendingFollowUps, summary };
export { escalationFindings } from "./escalation.ts";
