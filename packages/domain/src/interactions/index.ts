export * as Interactions from "./api.ts";
export { loadRelated, loggingWrites } from "./api.ts";
export { pauseFollowUps, settleFollowUps } from "./follow-ups.ts";
export { applyChanges, readSentiment, toStoredInteraction } from "./input.ts";
export { detectEscalation } from "./side-effects.ts";
