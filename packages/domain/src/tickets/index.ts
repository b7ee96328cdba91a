export * as Tickets from "./api.ts";
export { findTicket, surveyWrite } from "./reference.ts";
export { answered, changed, DEFAULT_POLICY, newSla } from "./sla.ts";
export { toStoredTicket } from "./stored.ts";
