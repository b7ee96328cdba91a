/** For who follows SES's events: apart, because surveys as a whole are large. */
export { settleMail } from "../links.ts";
