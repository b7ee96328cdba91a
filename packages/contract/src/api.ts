import { account } from "./account.ts";
import { alerts } from "./alerts.ts";
import { auth } from "./auth.ts";
import { client } from "./client.ts";
import { csat } from "./csat.ts";
import { customers } from "./customers.ts";
import { dashboard } from "./dashboard.ts";
import { deployments } from "./deployments.ts";
import { docs } from "./docs.ts";
import { healthScores } from "./health-scores.ts";
import { interactions } from "./interactions.ts";
import { passwordPage } from "./password-page.ts";
import { portal } from "./portal.ts";
import { reportPage } from "./report-page.ts";
import { reports } from "./reports.ts";
import { scheduler } from "./scheduler.ts";
import { settings } from "./settings.ts";
import { surveyPage } from "./survey-page.ts";
import { surveyRequests } from "./survey-requests.ts";
import { tickets } from "./tickets.ts";
import { users } from "./users.ts";

/**
 * The typed clients of all groups with one token; without a token, as a stranger.
 * @param headers go with every call
 * @param send sends each call; see `client`
 */
export const apiOf = (
  base: string,
  token?: string,
  headers?: Readonly<Record<string, string>>,
  send?: typeof fetch,
) => ({
  auth: client(auth, base, token, headers, send),
  account: client(account, base, token, headers, send),
  users: client(users, base, token, headers, send),
  customers: client(customers, base, token, headers, send),
  deployments: client(deployments, base, token, headers, send),
  healthScores: client(healthScores, base, token, headers, send),
  dashboard: client(dashboard, base, token, headers, send),
  csat: client(csat, base, token, headers, send),
  surveyRequests: client(surveyRequests, base, token, headers, send),
  portal: client(portal, base, token, headers, send),
  alerts: client(alerts, base, token, headers, send),
  scheduler: client(scheduler, base, token, headers, send),
  interactions: client(interactions, base, token, headers, send),
  tickets: client(tickets, base, token, headers, send),
  reports: client(reports, base, token, headers, send),
  settings: client(settings, base, token, headers, send),
  survey: client(surveyPage, base, token, headers, send),
  report: client(reportPage, base, token, headers, send),
  password: client(passwordPage, base, token, headers, send),
  docs: client(docs, base, token, headers, send),
});
export type Api = ReturnType<typeof apiOf>;
