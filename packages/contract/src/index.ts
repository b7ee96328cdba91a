import { account } from "./account.ts";
import { alerts } from "./alerts.ts";
import { apiKeys } from "./api-keys.ts";
import { audit } from "./audit.ts";
import { auth } from "./auth.ts";
import { csat } from "./csat.ts";
import { customers } from "./customers.ts";
import { dashboard } from "./dashboard.ts";
import { deployments } from "./deployments.ts";
import { docs } from "./docs.ts";
import { healthScores } from "./health-scores.ts";
import { interactions } from "./interactions.ts";
import { outcomes } from "./outcomes.ts";
import { passwordPage } from "./password-page.ts";
import { personalData } from "./personal-data.ts";
import { portal } from "./portal.ts";
import { reportPage } from "./report-page.ts";
import { reports } from "./reports.ts";
import { scheduler } from "./scheduler.ts";
import { scoreDefinitions } from "./score-definitions.ts";
import { settings } from "./settings.ts";
import { surveyPage } from "./survey-page.ts";
import { surveyRequests } from "./survey-requests.ts";
import { tickets } from "./tickets.ts";
import { users } from "./users.ts";

/** Every group that the API serves, in the order of the docs. A new group is added here and nowhere else. */
export const groups = [
  auth,
  account,
  users,
  apiKeys,
  customers,
  deployments,
  healthScores,
  scoreDefinitions,
  dashboard,
  csat,
  surveyRequests,
  portal,
  alerts,
  interactions,
  tickets,
  outcomes,
  reports,
  scheduler,
  settings,
  audit,
  personalData,
  surveyPage,
  reportPage,
  passwordPage,
  docs,
] as const;

export { client } from "./client.ts";
export { success } from "./dsl/endpoint.ts";
export { type Group, type Route, routes } from "./dsl/group.ts";
