/** For who follows SES's events: apart, because generating and mailing reports is large. */
export { settleDelivery } from "../report-state.ts";
