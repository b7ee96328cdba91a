export * as Tickets from "./api.ts";
export { findTicket, surveyWrite } from "./reference.ts";
export { changed, DEFAULT_POLICY, newSla, type SlaPolicy } from "./sla.ts";
export { toStoredTicket } from "./stored.ts";
