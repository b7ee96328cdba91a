import { COUNTED_ATTRIBUTES } from "../contributions.ts";

export { applyChanges, type Change, type FailedRecord } from "./apply.ts";
export { noteAttempt } from "./attempts.ts";
export { type BusinessEvents, businessEvents } from "./business.ts";
export { echoProbes } from "./probe.ts";

/** The attributes of changed items that the functions here look at. */
export const FOLLOWED_ATTRIBUTES: readonly string[] = [...COUNTED_ATTRIBUTES, "id", "written_at", "status"];
