import { account } from "./account.ts";
import { alerts } from "./alerts.ts";
import { apiKeys } from "./api-keys.ts";
import { audit } from "./audit.ts";
import { auth, type SignInTicket, type Tokens } from "./auth.ts";
import { client, createMarks, type Patience } from "./client.ts";
import { csat } from "./csat.ts";
import { customers } from "./customers.ts";
import { dashboard } from "./dashboard.ts";
import { deployments } from "./deployments.ts";
import { docs } from "./docs.ts";
import type { Group } from "./dsl/group.ts";
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

/**
 * The typed clients of all groups with one token; without a token, as a stranger. What one of them writes, the next call
 * finds in lists.
 * @param headers go with every call
 * @param send sends each call; see `client`
 * @param patience whether calls are sent again where that is safe; see `client`
 */
export function apiOf(
  base: string,
  token?: string,
  headers?: Readonly<Record<string, string>>,
  send?: typeof fetch,
  patience?: Patience,
) {
  const marks = createMarks();
  const of = <G extends Group>(group: G) => client(group, base, token, headers, send, marks, patience);
  return {
    auth: of(auth),
    account: of(account),
    users: of(users),
    apiKeys: of(apiKeys),
    customers: of(customers),
    deployments: of(deployments),
    healthScores: of(healthScores),
    scoreDefinitions: of(scoreDefinitions),
    dashboard: of(dashboard),
    csat: of(csat),
    surveyRequests: of(surveyRequests),
    portal: of(portal),
    alerts: of(alerts),
    scheduler: of(scheduler),
    interactions: of(interactions),
    tickets: of(tickets),
    outcomes: of(outcomes),
    reports: of(reports),
    settings: of(settings),
    audit: of(audit),
    personalData: of(personalData),
    survey: of(surveyPage),
    report: of(reportPage),
    password: of(passwordPage),
    docs: of(docs),
  };
}
export type Api = ReturnType<typeof apiOf>;

/** The tokens that a sign-in answers. @throws when a second factor is to follow */
export function tokensOf(answer: Tokens | SignInTicket): Tokens {
  if ("access_token" in answer) return answer;
  throw new Error("Signing in to this account takes a second factor");
}
