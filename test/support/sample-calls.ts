import { randomUUID } from "node:crypto";
import type { Endpoint } from "@success-manager/contract/dsl/endpoint";
import type { Scope } from "@success-manager/contract/vocabulary";
import { JPEG } from "../../packages/domain/src/settings/fixture/photo.ts";
import { putBacktest } from "./backtest.ts";
import { type Api, apiOf, groups, PASSWORD, type TestCloud } from "./cloud.ts";
import { putInvitation } from "./invitation.ts";
import { CODE_VERIFIER, putIdentity, putOidcLogin } from "./oidc-provider.ts";
import { linksOf, putReport } from "./report.ts";
import { codeOf, turnOn } from "./second-factor.ts";

/** Rows that the sample calls are about. */
export interface SampleRows {
  readonly customer: string;
  readonly deployment: string;
  readonly interaction: string;
  /** An open ticket of the customer, which has a comment. */
  readonly ticket: string;
  readonly survey: string;
  /** What became of the customer: a renewal of this year. */
  readonly outcome: string;
  /** The open renewal of another customer. */
  readonly renewal: string;
  /** An open alert of the customer. */
  readonly alert: string;
  /** A schedule of reports, which is not due. */
  readonly schedule: string;
  /** A report of that schedule, which was mailed. */
  readonly report: string;
  /** What the links in that mail end in: to leave the schedule, and to the file. */
  readonly mailed: { readonly leave: string; readonly file: string };
  /** A survey link that nobody has used. */
  readonly link: { readonly id: string; readonly token: string };
  /** A survey request that was mailed, and that nobody has answered. */
  readonly request: string;
  /** A manager whose password is `PASSWORD`. */
  readonly user: string;
  /** How that manager signs in, and goes on with their session. */
  readonly session: { readonly email: string; readonly refresh_token: string };
  /** An address that gets no mail. */
  readonly suppression: string;
  /** The file of a logo. */
  readonly logo: string;
  /** The address of somebody who was invited, and the token of the link in that mail. */
  readonly invited: string;
  readonly invitation: string;
  /** An API key that reads customers. */
  readonly apiKey: string;
  /** The file of a person's picture. */
  readonly avatar: string;
  /** A manager who has a second factor, and how they go on signing in. */
  readonly protected: string;
  readonly second: { readonly ticket: string; readonly code: string };
  /** A user who signs in at the provider of log-ins. */
  readonly linked: string;
  /** The code of a log-in with a provider, whose verifier is `CODE_VERIFIER`. */
  readonly oidcCode: string;
  /** A draft of a score definition, and a published one; both are for nobody. */
  readonly draft: string;
  readonly published: string;
  /** A customer for whom somebody has set a score. */
  readonly overridden: string;
  /** A back-test that is done. */
  readonly backtest: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly raw: unknown;
}

/**
 * A valid call. Calls that change one's own account need a caller who was created for them.
 *
 * @param session the caller's
 */
export interface SampleCall {
  (api: Api, rows: SampleRows, session?: string): Promise<Answered>;
  /** Brings the caller into the state in which the call does what it is for; before it, and no part of it. */
  readonly prepare?: (api: Api, session: string) => Promise<void>;
}

/** The calls of one endpoint: the ordinary one, and those that read or write something else, by their difference. */
type Variants = { readonly "": SampleCall; readonly [difference: string]: SampleCall };

/** What makes codes of callers who were prepared, by their sessions; of others a code is wrong. */
const secrets = new Map<string, string>();
/** A code as of the call, not of its preparation: the one after now's, which turning the factor on may have used. */
const preparedCode = (session = "") => {
  const secret = secrets.get(session);
  return secret === undefined ? "123456" : codeOf(secret, 1);
};

/** A call of somebody who has set up a second factor, and has turned it on or not. */
const withFactor = (state: "on" | "set up", call: SampleCall): SampleCall =>
  Object.assign((...args: Parameters<SampleCall>) => call(...args), {
    prepare: async (api: Api, session: string) => {
      const { secret } =
        state === "on" ? await turnOn(api) : (await api.account.setUpSecondFactor({})).body();
      secrets.set(session, secret);
    },
  });

/** Uploads a picture of who calls, and answers its id. */
export async function uploadPicture(
  api: Api,
  content: Buffer = JPEG,
  content_type = "image/jpeg",
): Promise<string> {
  const body = { bytes: content.length, content_type };
  const { upload_id, url, method, headers } = (await api.users.startAvatar({ body })).body();
  const { status } = await fetch(url, { method, headers, body: new Uint8Array(content) });
  if (status !== 200) throw new Error(`The storage for files answers ${status}`);
  return upload_id;
}

/** Puts a picture where a user's uploads wait, without an address, which S3 judges by its own clock. */
export async function putUpload(user_id: string): Promise<string> {
  // Loaded late: the domain reads the table's name when it is.
  const { writeObject } = await import("@success-manager/domain/table");
  const upload_id = randomUUID();
  await writeObject(`uploads/${user_id}/${upload_id}`, JPEG, undefined, "files");
  return upload_id;
}

/** Uploads of callers who were prepared, by their sessions. */
const uploads = new Map<string, string>();

/** Every endpoint has a sample call: a new one without does not compile. */
type SampleCalls = { readonly [G in keyof Api]: { readonly [E in keyof Api[G]]: SampleCall | Variants } };

const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

const newName = () => `Company ${randomUUID()}`;
const newEmail = () => `${randomUUID()}@example.com`;

/** A run of a job that is done; see `putRun`. */
/** An SVG of one square. */
export const LOGO = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#1d5a86"/></svg>',
).toString("base64");
const RUN = "2026-01-31T08:00:00.000Z";

/** A run about personal data that is done; see `putRun`. */
const PERSONAL_DATA_RUN = "3f0c1f0e-55d5-4c8f-9a51-0a3c2d0b7e11";

/** Puts that run into the table that this process talks to (`enter` of `cloud.ts`). */
export async function putRun(): Promise<void> {
  // Loaded late: the domain reads the table's name when it is.
  const { JobRunEntity, PersonalDataEntity } = await import("@success-manager/domain/table");
  await PersonalDataEntity.put({
    ...{ id: PERSONAL_DATA_RUN, kind: "erasure", status: "completed", created_at: RUN, finished_at: RUN },
    ...{ counts: { survey: 2 }, created_by_id: PERSONAL_DATA_RUN, revision: 2 },
  }).go();
  await JobRunEntity.put({
    ...{
      job: "contract_expiry_check",
      scheduled_time: RUN,
      state: "completed",
      started_at: RUN,
      finished_at: RUN,
    },
    ...{ counts: { checked: 12, failed: 0 }, expires_at_epoch: Math.floor(Date.now() / 1000) + 86_400 },
  }).go();
}

/** Puts an address that gets no mail into that table. */
export async function putSuppression(): Promise<string> {
  const { SuppressionEntity } = await import("@success-manager/domain/table");
  const at = new Date().toISOString();
  const id = randomUUID();
  const facts = { bounced_at: at, suppressed_at: at, bounce: "hard", revision: 1 } as const;
  await SuppressionEntity.put({ id, email: newEmail(), ...facts }).go();
  return id;
}

export const NEW_CUSTOMER = {
  industry: "Telecommunications",
  contact_name: "Ada Winter",
  contact_email: "ada@example.com",
  contact_phone: "+49 30 1234567",
  contract_start_date: "2026-01-01",
  // As of the call: examples are taken with another clock.
  get contract_end_date() {
    return inDays(20);
  },
  contract_value: "1250000.50",
  account_manager: "Grace Palmer",
  logo_url: "https://example.com/logo.png",
  notes: "Met them at the fair.",
  deployed_products: ["MonetX"],
};

/** A definition that is for nobody, so that no other call is scored by it. */
export const NEW_DEFINITION = {
  name: "Space travel",
  applies_to: { industries: ["Space travel"], segments: ["enterprise" as const] },
  priority: 10,
  measures: [
    {
      key: "products",
      source: "products" as const,
      weight: 0.4,
      missing: "low" as const,
      transform: { type: "steps" as const, steps: [{ at_least: 1, score: 60 }], otherwise: 0 },
    },
    { key: "contacts", source: "contacts" as const, window_days: 60, weight: 0.6, missing: "low" as const },
  ],
  caps: [{ source: "open_escalations" as const, at_least: 1, at_most: 60 }],
};

export const NEW_OVERRIDE = {
  score: 35,
  reason: "known_risk" as const,
  note: "Their new director wants another supplier.",
  days: 30,
};

const MOST_PUBLISHERS = 20;

/** A draft of a definition, published or not. */
export async function definitionRow(api: Api, state: "draft" | "published"): Promise<string> {
  const { id } = (await api.scoreDefinitions.create({ body: NEW_DEFINITION })).body();
  if (state === "draft") return id;
  // Of several who publish at once one wins.
  for (let tries = 1; ; tries++) {
    const answer = await api.scoreDefinitions.publish({ params: { id } });
    if (answer.status === 409 && tries < MOST_PUBLISHERS) continue;
    answer.body();
    return id;
  }
}

export const NEW_DEPLOYMENT = {
  product_name: "MonetX",
  deployment_date: "2026-01-01",
  version: "4.2",
  environment: "cloud",
  license_type: "Enterprise",
  get license_expiry() {
    return inDays(20);
  },
} as const;

export const NEW_INTERACTION = {
  interaction_type: "call",
  subject: "Weekly call",
  description: "Talked about the roadmap.",
  follow_up_required: true,
  follow_up_date: "2031-01-31",
} as const;

export const NEW_OUTCOME = {
  kind: "renewed",
  get effective_on() {
    return inDays(0);
  },
  amount_after: "1300000.00",
  reason: "adoption_goals_met",
  note: "They stay for two more years.",
} as const;

export const NEW_TICKET = {
  subject: "Export fails",
  description: "The nightly export ends after ten minutes.",
  priority: "high",
  category: "Export",
  requester_name: "Ada Winter",
  requester_email: "ada@example.com",
} as const;

export const NEW_ALERT = {
  alert_type: "escalation",
  severity: "critical",
  title: "They are leaving",
  description: "Their CTO said so.",
} as const;

export const RECIPIENT = "ada@example.com";

export const NEW_SCHEDULE = {
  report_name: "Monthly overview",
  report_type: "customer_overview",
  frequency: "monthly",
  filters: { days_to_renewal: 90 },
} as const;

export const NEW_RESPONSE = {
  score: 1,
  submitted_by_name: "Ada Winter",
  submitted_by_email: "ada@example.com",
  feedback_text: "Too slow.",
};

export const NEW_API_KEY = {
  name: "Billing sync",
  scopes: ["customers:read", "interactions:write"],
} as const satisfies { readonly name: string; readonly scopes: readonly Scope[] };

/**
 * A call of each endpoint, as tests make it: that it answers what the contract says and whom it refuses
 * (`contract.test.ts`), what it asks of the database (`requests.test.ts`), and, of those that read, that this costs
 * the same however many customers there are (`requests-growth.test.ts`).
 */
const SAMPLE_CALLS: SampleCalls = {
  auth: {
    login: (api, { session: { email: username } }) =>
      api.auth.login({ form: { username, password: PASSWORD } }),
    secondFactor: (api, { second: body }) => api.auth.secondFactor({ body }),
    refresh: (api, { session: { refresh_token } }) => api.auth.refresh({ body: { refresh_token } }),
    logout: (api) => api.auth.logout({ body: null }),
    me: (api) => api.auth.me({}),
    updateMe: {
      "": (api) => api.auth.updateMe({ body: { full_name: "Grace Palmer" } }),
      "with a new e-mail": (api) =>
        api.auth.updateMe({ body: { email: newEmail(), current_password: PASSWORD } }),
    },
    changePassword: (api) =>
      api.auth.changePassword({ body: { current_password: PASSWORD, new_password: "Another-Horse-2" } }),
    forgotPassword: (api, { session: { email } }) => api.auth.forgotPassword({ body: { email } }),
    validateToken: (api, { invitation: token }) => api.auth.validateToken({ params: { token } }),
    setPassword: (api, { invitation: token }) =>
      api.auth.setPassword({ body: { token, new_password: "Another-Horse-2" } }),
    methods: (api) => api.auth.methods({}),
    oidcLogin: (api) =>
      api.auth.oidcLogin({ query: { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" } }),
    // As a browser asks which has come from nowhere.
    oidcCallback: (api) =>
      api.auth.oidcCallback({ query: { state: "unknown", code: "any" } }, { accept: "text/html" }),
    oidcExchange: (api, { oidcCode: code }) =>
      api.auth.oidcExchange({ body: { code, code_verifier: CODE_VERIFIER } }),
  },
  account: {
    secondFactor: (api) => api.account.secondFactor({}),
    setUpSecondFactor: (api) => api.account.setUpSecondFactor({}),
    enableSecondFactor: withFactor("set up", (api, _, session) =>
      api.account.enableSecondFactor({ body: { code: preparedCode(session) } }),
    ),
    renewRecoveryCodes: withFactor("on", (api, _, session) =>
      api.account.renewRecoveryCodes({ body: { code: preparedCode(session) } }),
    ),
    disableSecondFactor: withFactor("on", (api) =>
      api.account.disableSecondFactor({ body: { password: PASSWORD } }),
    ),
    close: (api) => api.account.close({ body: { password: PASSWORD } }),
    sessions: (api) => api.account.sessions({}),
    endSession: (api, _, session_id = randomUUID()) => api.account.endSession({ params: { session_id } }),
    endOtherSessions: (api) => api.account.endOtherSessions({}),
  },
  users: {
    list: (api) => api.users.list({ query: { role: "csm", limit: 2 } }),
    create: (api) =>
      api.users.create({
        body: { email: newEmail(), full_name: "Grace Palmer", role: "manager", password: PASSWORD },
      }),
    invite: {
      "": (api) =>
        api.users.invite({ body: { email: newEmail(), full_name: "Grace Palmer", role: "viewer" } }),
      "once more": (api, { invited: email }) =>
        api.users.invite({ body: { email, full_name: "Grace Palmer-Lund" } }),
    },
    profile: (api) => api.users.profile({}),
    updateProfile: (api) =>
      api.users.updateProfile({ body: { full_name: "Grace Palmer", phone: "+49 30 1234567" } }),
    changePassword: (api) =>
      api.users.changePassword({ body: { current_password: PASSWORD, new_password: "Another-Horse-2" } }),
    startAvatar: (api) => api.users.startAvatar({ body: { bytes: JPEG.length, content_type: "image/jpeg" } }),
    setAvatar: Object.assign(
      (api: Api, _: SampleRows, session = "") =>
        api.users.setAvatar({ body: { upload_id: uploads.get(session) ?? randomUUID() } }),
      {
        prepare: async (api: Api, session: string) => {
          uploads.set(session, await putUpload((await api.auth.me({})).body().id));
        },
      },
    ),
    removeAvatar: (api) => api.users.removeAvatar({}),
    avatar: (api, { avatar: file }) => api.users.avatar({ params: { file } }),
    get: (api, { user: user_id }) => api.users.get({ params: { user_id } }),
    update: (api, { user: user_id }) =>
      api.users.update({ params: { user_id }, body: { full_name: "James T. Wilson" } }),
    resetSecondFactor: (api, { protected: user_id }) => api.users.resetSecondFactor({ params: { user_id } }),
    unlink: (api, { linked: user_id }) => api.users.unlink({ params: { user_id } }),
    activate: (api, { user: user_id }) =>
      api.users.activate({ params: { user_id }, body: { is_active: false } }),
    deactivate: (api, { user: user_id }) => api.users.deactivate({ params: { user_id } }),
    reactivate: (api, { user: user_id }) => api.users.reactivate({ params: { user_id } }),
    remove: (api, { user: user_id }) => api.users.remove({ params: { user_id } }),
  },
  apiKeys: {
    list: (api) => api.apiKeys.list({ query: { limit: 5 } }),
    create: (api) => api.apiKeys.create(A_KEY),
    get: (api, { apiKey: id }) => api.apiKeys.get({ params: { id } }),
    update: (api, { apiKey: id }) =>
      api.apiKeys.update({ params: { id }, body: { name: "Data warehouse", expires_in_days: 30 } }),
    rotate: (api, { apiKey: id }) => api.apiKeys.rotate({ params: { id }, body: { overlap_hours: 4 } }),
    revoke: (api, { apiKey: id }) => api.apiKeys.revoke({ params: { id } }),
  },
  customers: {
    list: {
      "": (api) => api.customers.list({ query: { limit: 5 } }),
      "by score": (api) => api.customers.list({ query: { sort_by: "health_score", limit: 5 } }),
      "with a text": (api) => api.customers.list({ query: { search: "pany 7" } }),
      "with conditions": (api) =>
        api.customers.list({ query: { industry: "Telecommunications", min_health_score: 2 } }),
      "from far behind": (api) => api.customers.list({ query: { skip: 1_000 } }),
    },
    create: {
      "": (api) => api.customers.create({ body: { ...NEW_CUSTOMER, company_name: newName() } }),
      "with an account manager": (api, { user: account_manager_id }) =>
        api.customers.create({ body: { company_name: newName(), account_manager_id } }),
    },
    industries: (api) => api.customers.industries({}),
    accountManagers: (api) => api.customers.accountManagers({}),
    search: (api) => api.customers.search({ query: { q: "company" } }),
    atRisk: (api) => api.customers.atRisk({ query: { limit: 5 } }),
    expiringSoon: (api) => api.customers.expiringSoon({ query: { days: 365, limit: 5 } }),
    get: (api, { customer: id }) => api.customers.get({ params: { id } }),
    outcomes: (api, { customer: id }) => api.customers.outcomes({ params: { id }, query: { limit: 5 } }),
    recordOutcome: {
      "": (api, { customer: id }) => api.customers.recordOutcome({ params: { id }, body: NEW_OUTCOME }),
      "that ends it": (api, { customer: id }) =>
        api.customers.recordOutcome({
          params: { id },
          body: { kind: "churned", effective_on: inDays(0), reason: "price_budget", voluntary: true },
        }),
    },
    update: {
      "": (api, { customer: id }) => api.customers.update({ params: { id }, body: { notes: null } }),
      "who leaves": (api, { customer: id }) =>
        api.customers.update({ params: { id }, body: { status: "churned" } }),
      "with another account manager": (api, { customer: id, user: account_manager_id }) =>
        api.customers.update({ params: { id }, body: { account_manager_id } }),
      "with a new name": (api, { customer: id, user: account_manager_id }) =>
        api.customers.update({ params: { id }, body: { company_name: newName(), account_manager_id } }),
      "with another contract end": (api, { customer: id }) =>
        api.customers.update({ params: { id }, body: { contract_end_date: "2031-01-01" } }),
    },
    timeline: {
      "": (api, { customer: id }) => api.customers.timeline({ params: { id }, query: { limit: 5 } }),
      "from a cursor": (api, { customer: id }) => {
        const cursor = Buffer.from(JSON.stringify(["2099-01-01T00:00:00Z", "x"])).toString("base64url");
        return api.customers.timeline({ params: { id }, query: { cursor, limit: 5 } });
      },
    },
    healthHistory: (api, { customer: id }) =>
      api.customers.healthHistory({ params: { id }, query: { limit: 5 } }),
    scoreChanges: (api, { customer: id }) => api.customers.scoreChanges({ params: { id } }),
    remove: (api, { customer: id }) => api.customers.remove({ params: { id } }),
  },
  deployments: {
    list: (api) => api.deployments.list({ query: { limit: 5 } }),
    create: (api, { customer: customer_id }) =>
      api.deployments.create({ body: { ...NEW_DEPLOYMENT, customer_id } }),
    stats: (api) => api.deployments.stats({}),
    expiring: (api) => api.deployments.expiring({ query: { days: 365, limit: 5 } }),
    byProduct: (api) => api.deployments.byProduct({ params: { name: "MonetX" }, query: { limit: 5 } }),
    get: (api, { deployment: id }) => api.deployments.get({ params: { id } }),
    update: {
      "": (api, { deployment: id }) =>
        api.deployments.update({ params: { id }, body: { version: "4.3", is_active: true } }),
      "with another license end": (api, { deployment: id }) =>
        api.deployments.update({ params: { id }, body: { license_expiry: "2031-01-01" } }),
    },
    remove: (api, { deployment: id }) => api.deployments.remove({ params: { id } }),
  },
  healthScores: {
    calculate: {
      "": (api, { customer: customer_id }) =>
        api.healthScores.calculate({ params: { customer_id }, body: {} }),
      "for a deployment": (api, { customer: customer_id, deployment: product_deployment_id }) =>
        api.healthScores.calculate({ params: { customer_id }, body: { product_deployment_id } }),
    },
    calculateAll: (api) => api.healthScores.calculateAll({}),
    latest: (api, { customer: id }) => api.healthScores.latest({ params: { id } }),
    history: (api, { customer: id }) => api.healthScores.history({ params: { id }, query: { limit: 5 } }),
    trends: (api) => api.healthScores.trends({}),
    atRisk: (api) => api.healthScores.atRisk({ query: { threshold: 100, limit: 5 } }),
    distribution: (api) => api.healthScores.distribution({}),
    override: (api, { customer: id }) => api.healthScores.override({ params: { id }, body: NEW_OVERRIDE }),
    getOverride: (api, { overridden: id }) => api.healthScores.getOverride({ params: { id } }),
    endOverride: (api, { overridden: id }) => api.healthScores.endOverride({ params: { id } }),
    movement: (api) => api.healthScores.movement({}),
    unknown: (api) => api.healthScores.unknown({ query: { limit: 5 } }),
  },
  scoreDefinitions: {
    list: (api) => api.scoreDefinitions.list({}),
    create: (api) => api.scoreDefinitions.create({ body: NEW_DEFINITION }),
    get: (api, { draft: id }) => api.scoreDefinitions.get({ params: { id } }),
    update: (api, { draft: id }) =>
      api.scoreDefinitions.update({ params: { id }, body: { ...NEW_DEFINITION, min_coverage: 0.4 } }),
    preview: (api, { draft: id }) => api.scoreDefinitions.preview({ params: { id } }),
    publish: (api, { draft: id }) => api.scoreDefinitions.publish({ params: { id } }),
    retire: (api, { published: id }) => api.scoreDefinitions.retire({ params: { id } }),
    remove: (api, { draft: id }) => api.scoreDefinitions.remove({ params: { id } }),
    startBacktest: (api, { draft: definition_id }) =>
      api.scoreDefinitions.startBacktest({ body: { definition_id, horizon_days: 60, cuts: 6 } }),
    listBacktests: (api) => api.scoreDefinitions.listBacktests({ query: { limit: 5 } }),
    getBacktest: (api, { backtest: id }) => api.scoreDefinitions.getBacktest({ params: { id } }),
    removeBacktest: (api, { backtest: id }) => api.scoreDefinitions.removeBacktest({ params: { id } }),
  },
  dashboard: {
    stats: (api) => api.dashboard.stats({}),
    healthDistribution: (api) => api.dashboard.healthDistribution({}),
    healthTrends: {
      "": (api) => api.dashboard.healthTrends({}),
      "by day": (api) => api.dashboard.healthTrends({ query: { period_type: "daily", range: "7d" } }),
    },
    csatTrends: (api) => api.dashboard.csatTrends({}),
    customerSegments: (api) => api.dashboard.customerSegments({}),
    upcomingRenewals: (api) => api.dashboard.upcomingRenewals({}),
    recentActivity: (api) => api.dashboard.recentActivity({ query: { limit: 5 } }),
    productPerformance: (api) => api.dashboard.productPerformance({}),
    accountManagerPerformance: (api) => api.dashboard.accountManagerPerformance({}),
    overview: (api) => api.dashboard.overview({}),
    topPerformers: (api) => api.dashboard.topPerformers({}),
    needsAttention: (api) => api.dashboard.needsAttention({}),
  },
  csat: {
    list: {
      "": (api) => api.csat.list({ query: { limit: 5 } }),
      "with days": (api) =>
        api.csat.list({ query: { start_date: inDays(-7), survey_type: "quarterly", limit: 5 } }),
      "with a type": (api) => api.csat.list({ query: { survey_type: "quarterly", limit: 5 } }),
      "with a customer": (api, { customer: customer_id }) => api.csat.list({ query: { customer_id } }),
      "with a text": (api) => api.csat.list({ query: { search: "roadmap", limit: 5 } }),
      "with a deployment": (api, { deployment: product_deployment_id }) =>
        api.csat.list({ query: { product_deployment_id, sort_by: "score", limit: 5 } }),
    },
    create: {
      "": (api, { customer: customer_id, deployment: product_deployment_id }) =>
        api.csat.create({
          body: {
            ...NEW_RESPONSE,
            customer_id,
            product_deployment_id,
            survey_type: "quarterly",
            ticket_reference: "SUP-1",
          },
        }),
      "with a high score": (api, { customer: customer_id, deployment: product_deployment_id }) =>
        api.csat.create({
          body: { ...NEW_RESPONSE, customer_id, product_deployment_id, survey_type: "nps", score: 9 },
        }),
    },
    analytics: (api) => api.csat.analytics({}),
    createLink: (api, { customer: customer_id }) =>
      api.csat.createLink({ body: { customer_id, survey_type: "nps", send_to: RECIPIENT } }),
    revokeLink: (api, { link: { id } }) => api.csat.revokeLink({ params: { id } }),
    publicInfo: (api, { link: { token } }) => api.csat.publicInfo({ params: { token } }),
    publicSubmit: {
      "": (api, { link: { token } }) => api.csat.publicSubmit({ params: { token }, body: NEW_RESPONSE }),
      "with a high score": (api, { link: { token } }) =>
        api.csat.publicSubmit({ params: { token }, body: { ...NEW_RESPONSE, score: 9 } }),
    },
    summary: (api, { customer: customer_id }) => api.csat.summary({ params: { customer_id } }),
    get: (api, { survey: survey_id }) => api.csat.get({ params: { survey_id } }),
  },
  surveyRequests: {
    list: {
      "": (api) => api.surveyRequests.list({ query: { limit: 5 } }),
      "with days": (api) =>
        api.surveyRequests.list({ query: { start_date: inDays(-7), survey_type: "nps", limit: 5 } }),
      "with a status": (api) => api.surveyRequests.list({ query: { status: "completed", limit: 5 } }),
      "with a customer": (api, { customer: customer_id }) =>
        api.surveyRequests.list({ query: { customer_id } }),
      "with a text": (api) => api.surveyRequests.list({ query: { search: "ada@", limit: 5 } }),
    },
    create: {
      "": (api, { customer: customer_id }) =>
        api.surveyRequests.create({
          body: {
            customer_id,
            survey_type: "general_feedback",
            target_type: "specific",
            target_email: RECIPIENT,
            custom_message: "It was good to meet you.",
          },
        }),
      "for all": (api, { customer: customer_id }) =>
        api.surveyRequests.create({ body: { customer_id, survey_type: "nps", target_type: "all" } }),
    },
    stats: {
      "": (api) => api.surveyRequests.stats({}),
      "of a customer": (api, { customer: customer_id }) =>
        api.surveyRequests.stats({ query: { customer_id } }),
    },
    get: (api, { request: id }) => api.surveyRequests.get({ params: { id } }),
    remind: (api, { request: id }) => api.surveyRequests.remind({ params: { id } }),
    cancel: (api, { request: id }) => api.surveyRequests.cancel({ params: { id } }),
    postReminder: (api, { request: id }) => api.surveyRequests.postReminder({ params: { id } }),
    postCancel: (api, { request: id }) => api.surveyRequests.postCancel({ params: { id } }),
  },
  portal: {
    viewSurvey: (api, { link: { token } }) => api.portal.viewSurvey({ params: { token } }),
    submitSurvey: (api, { link: { token } }) =>
      api.portal.submitSurvey({
        params: { token },
        body: { score: 1, submitter_name: "Ada Winter", submitter_email: RECIPIENT },
      }),
  },
  alerts: {
    list: {
      "": (api) => api.alerts.list({ query: { limit: 5 } }),
      "with days": (api) => api.alerts.list({ query: { date_from: inDays(-7), limit: 5 } }),
      "with a text": (api) => api.alerts.list({ query: { search: "leaving", limit: 5 } }),
      "with a customer": (api, { customer: customer_id }) => api.alerts.list({ query: { customer_id } }),
      "that are open": (api) =>
        api.alerts.list({ query: { is_resolved: false, sort_by: "customer_name", limit: 5 } }),
      "that are open, with a text": (api) =>
        api.alerts.list({ query: { status: "active", search: "pany 7" } }),
      "that are open, from far behind": (api) =>
        api.alerts.list({ query: { is_resolved: false, skip: 1_000 } }),
    },
    create: (api, { customer: customer_id }) => api.alerts.create({ body: { ...NEW_ALERT, customer_id } }),
    dashboard: (api) => api.alerts.dashboard({}),
    stats: (api) => api.alerts.stats({}),
    bulkResolve: (api, { alert }) =>
      api.alerts.bulkResolve({ body: { alert_ids: [alert, randomUUID()], resolved_by: "Somebody" } }),
    bulkSnooze: (api, { alert }) =>
      api.alerts.bulkSnooze({ body: { alert_ids: [alert, randomUUID()], snooze_days: 7 } }),
    runChecks: (api) => api.alerts.runChecks({}),
    byCustomer: {
      "": (api, { customer: id }) => api.alerts.byCustomer({ params: { id } }),
      "with resolved ones": (api, { customer: id }) =>
        api.alerts.byCustomer({ params: { id }, query: { include_resolved: true } }),
    },
    get: (api, { alert: id }) => api.alerts.get({ params: { id } }),
    update: (api, { alert: id }) => api.alerts.update({ params: { id }, body: { severity: "low" } }),
    resolve: (api, { alert: id }) => api.alerts.resolve({ params: { id }, body: null }),
    snooze: (api, { alert: id }) => api.alerts.snooze({ params: { id }, body: { snooze_days: 7 } }),
  },
  scheduler: {
    list: (api) => api.scheduler.list({}),
    run: (api) => api.scheduler.run({ params: { job: "inactivity_check" } }),
    getRun: (api) => api.scheduler.getRun({ params: { run_id: RUN } }),
  },
  personalData: {
    exportPerson: (api) => api.personalData.exportPerson({ body: { email: newEmail() } }),
    erase: (api) => api.personalData.erase({ body: { email: newEmail() } }),
    getRun: (api) => api.personalData.getRun({ params: { id: PERSONAL_DATA_RUN } }),
  },
  audit: {
    list: {
      "": (api) => api.audit.list({ query: { limit: 2 } }),
      "of a customer": (api, { customer }) =>
        api.audit.list({ query: { entity: "customer", id: customer, field: "status", limit: 2 } }),
      "by somebody": (api, { user }) => api.audit.list({ query: { actor: user, limit: 2 } }),
    },
    // A day before there was a trail: what is asked is the same whenever it is.
    verify: (api) => api.audit.verify({ query: { day: "2026-01-01" } }),
  },
  settings: {
    alerts: (api) => api.settings.alerts({}),
    updateAlerts: (api) => api.settings.updateAlerts({ body: { inactivity_days: 45 } }),
    reports: (api) => api.settings.reports({}),
    updateReports: (api) => api.settings.updateReports({ body: { footer_text: "Confidential" } }),
    branding: (api) => api.settings.branding({}),
    updateBranding: (api) => api.settings.updateBranding({ body: { organization_name: "Extravis" } }),
    uploadLogo: (api) => api.settings.uploadLogo({ body: { content: LOGO } }),
    notifications: (api) => api.settings.notifications({}),
    systemHealth: (api) => api.settings.systemHealth({}),
    updateNotifications: (api) => api.settings.updateNotifications({ body: { low_score: false } }),
    security: (api) => api.settings.security({}),
    updateSecurity: (api) => api.settings.updateSecurity({ body: { second_factor_required_for: "nobody" } }),
    tickets: (api) => api.settings.tickets({}),
    suppressions: {
      "": (api) => api.settings.suppressions({ query: { limit: 5 } }),
      "with an address": (api) => api.settings.suppressions({ query: { email: RECIPIENT } }),
    },
    liftSuppression: (api, { suppression: id }) => api.settings.liftSuppression({ params: { id } }),
    outcomes: (api) => api.settings.outcomes({}),
    updateOutcomes: (api) => api.settings.updateOutcomes({ body: { reasons: null } }),
    updateTickets: (api) => api.settings.updateTickets({ body: { low_resolution_hours: 240 } }),
  },
  interactions: {
    list: {
      "": (api) => api.interactions.list({ query: { limit: 5 } }),
      "with days": (api) =>
        api.interactions.list({ query: { start_date: inDays(-7), sentiment: "neutral", limit: 5 } }),
      "with a text": (api) => api.interactions.list({ query: { search: "roadmap", limit: 5 } }),
      "with a customer": (api, { customer: customer_id }) =>
        api.interactions.list({ query: { customer_id } }),
    },
    create: {
      "": (api, { customer: customer_id }) =>
        api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } }),
      "without a follow-up": (api, { customer: customer_id }) =>
        api.interactions.create({
          body: {
            ...NEW_INTERACTION,
            customer_id,
            follow_up_required: false,
            follow_up_date: null,
          },
        }),
      "that is an escalation": (api, { customer: customer_id }) =>
        api.interactions.create({
          body: {
            ...NEW_INTERACTION,
            customer_id,
            interaction_type: "escalation",
            follow_up_required: false,
            follow_up_date: null,
          },
        }),
    },
    summary: (api) => api.interactions.summary({}),
    pendingFollowups: (api) => api.interactions.pendingFollowups({ query: { limit: 5 } }),
    ofCustomer: (api, { customer: id }) => api.interactions.ofCustomer({ params: { id } }),
    get: (api, { interaction: id }) => api.interactions.get({ params: { id } }),
    update: {
      "": (api, { interaction: id }) =>
        api.interactions.update({ params: { id }, body: { follow_up_required: false } }),
      "with a new date": (api, { interaction: id }) =>
        api.interactions.update({ params: { id }, body: { interaction_date: "2026-01-01T08:00:00Z" } }),
    },
    remove: (api, { interaction: id }) => api.interactions.remove({ params: { id } }),
  },
  outcomes: {
    list: {
      "": (api) => api.outcomes.list({ query: { limit: 5 } }),
      "with a reason": (api) => api.outcomes.list({ query: { reason: "company", limit: 5 } }),
      "with conditions": (api) =>
        api.outcomes.list({
          query: { kind: "renewed", effective_from: "2020-01-01", sort_by: "recorded_at", limit: 5 },
        }),
      "as it was known": (api) => api.outcomes.list({ query: { known_on: inDays(0), limit: 5 } }),
    },
    import: (api, { customer: customer_id }) =>
      api.outcomes.import({
        body: { outcomes: [{ ...NEW_OUTCOME, customer_id, reference: newName() }] },
      }),
    get: (api, { outcome: id }) => api.outcomes.get({ params: { id } }),
    correct: (api, { outcome: id }) =>
      api.outcomes.correct({
        params: { id },
        body: { amount_after: "132000.00", reason: "adoption_more_users" },
      }),
    withdraw: (api, { outcome: id }) => api.outcomes.withdraw({ params: { id } }),
    versions: (api, { outcome: id }) => api.outcomes.versions({ params: { id } }),
    retention: {
      "": (api) => api.outcomes.retention({}),
      "by industry": (api) => api.outcomes.retention({ query: { period: "year", by: "industry" } }),
    },
    retentionCustomers: (api) =>
      api.outcomes.retentionCustomers({ query: { period: "year", figure: "start", limit: 5 } }),
    renewals: {
      "": (api) => api.outcomes.renewals({ query: { limit: 5 } }),
      "with conditions": (api) =>
        api.outcomes.renewals({ query: { state: "open", band: "low", sort_by: "amount", limit: 5 } }),
    },
    renewal: (api, { renewal: id }) => api.outcomes.renewal({ params: { id } }),
    updateRenewal: {
      "": (api, { renewal: id }) =>
        api.outcomes.updateRenewal({
          params: { id },
          body: { stage: "proposal", next_step: "Send the offer.", next_step_due: "2031-01-31" },
        }),
      "that was renewed": (api, { renewal: id }) =>
        api.outcomes.updateRenewal({
          params: { id },
          body: { stage: "renewed", outcome: { amount_after: "1300000.00", reason: "adoption_goals_met" } },
        }),
    },
    renewalForecast: {
      "": (api) => api.outcomes.renewalForecast({}),
      "by band": (api) => api.outcomes.renewalForecast({ query: { period: "next", by: "band" } }),
    },
    forecastSnapshots: (api) => api.outcomes.forecastSnapshots({ query: { limit: 5 } }),
    forecastRecord: (api) => api.outcomes.forecastRecord({}),
  },
  tickets: {
    list: {
      "": (api) => api.tickets.list({ query: { limit: 5 } }),
      "that are open": (api) => api.tickets.list({ query: { is_open: true, limit: 5 } }),
      "with days": (api) =>
        api.tickets.list({ query: { date_from: inDays(-7), priority: "high", limit: 5 } }),
      "with a text": (api) => api.tickets.list({ query: { search: "export", limit: 5 } }),
      "that are not late": (api) => api.tickets.list({ query: { sla_breached: false, limit: 5 } }),
      "with a customer": (api, { customer: customer_id }) => api.tickets.list({ query: { customer_id } }),
    },
    create: {
      "": (api, { customer: customer_id }) => api.tickets.create({ body: { ...NEW_TICKET, customer_id } }),
      "for somebody": (api, { customer: customer_id, user: assigned_to }) =>
        api.tickets.create({ body: { ...NEW_TICKET, customer_id, assigned_to } }),
    },
    stats: (api) => api.tickets.stats({}),
    ofCustomer: (api, { customer: id }) => api.tickets.ofCustomer({ params: { id } }),
    get: (api, { ticket: id }) => api.tickets.get({ params: { id } }),
    update: {
      "": (api, { ticket: id }) => api.tickets.update({ params: { id }, body: { status: "resolved" } }),
      "with who works on it": (api, { ticket: id, user: assigned_to }) =>
        api.tickets.update({ params: { id }, body: { assigned_to } }),
    },
    listComments: (api, { ticket: id }) => api.tickets.listComments({ params: { id } }),
    addComment: (api, { ticket: id }) =>
      api.tickets.addComment({ params: { id }, body: { body: "We look at it." } }),
  },
  reports: {
    listSchedules: {
      "": (api) => api.reports.listSchedules({ query: { limit: 5 } }),
      "that are active": (api) => api.reports.listSchedules({ query: { is_active: true, limit: 5 } }),
      "in another order": (api) => api.reports.listSchedules({ query: { sort_by: "report_name", limit: 5 } }),
    },
    createSchedule: {
      "": (api) => api.reports.createSchedule({ body: { ...NEW_SCHEDULE, recipients: [RECIPIENT] } }),
      "for a customer": (api, { customer: customer_id }) =>
        api.reports.createSchedule({
          body: { ...NEW_SCHEDULE, filters: { customer_id }, recipients: [RECIPIENT] },
        }),
    },
    getSchedule: (api, { schedule: id }) => api.reports.getSchedule({ params: { id } }),
    updateSchedule: {
      "": (api, { schedule: id }) =>
        api.reports.updateSchedule({ params: { id }, body: { filters: null, frequency: "daily" } }),
      "for another customer": (api, { schedule: id, customer: customer_id }) =>
        api.reports.updateSchedule({ params: { id }, body: { filters: { customer_id } } }),
    },
    toggleSchedule: (api, { schedule: id }) => api.reports.toggleSchedule({ params: { id } }),
    removeSchedule: (api, { schedule: id }) => api.reports.removeSchedule({ params: { id } }),
    generate: {
      "": (api) => api.reports.generate({ body: { report_type: "executive_summary" } }),
      "of health": (api) => api.reports.generate({ body: { report_type: "health_summary" } }),
      "of survey responses": (api) => api.reports.generate({ body: { report_type: "csat_analysis" } }),
      "of customers": (api) => api.reports.generate({ body: { report_type: "customer_overview" } }),
      "of a customer": (api, { customer: customer_id }) =>
        api.reports.generate({ body: { report_type: "customer_overview", customer_id } }),
    },
    listHistory: {
      "": (api) => api.reports.listHistory({ query: { limit: 5 } }),
      "with a status": (api) => api.reports.listHistory({ query: { status: "completed", limit: 5 } }),
      "with days": (api) => api.reports.listHistory({ query: { date_from: inDays(-7), limit: 5 } }),
      "of a schedule": (api, { schedule: scheduled_report_id }) =>
        api.reports.listHistory({ query: { scheduled_report_id } }),
    },
    getHistory: (api, { report: id }) => api.reports.getHistory({ params: { id } }),
    // The address of the file; without this header the answer is a redirect to it.
    download: (api, { report: id }) =>
      api.reports.download({ params: { id } }, { accept: "application/json" }),
    tables: (api, { report: id }) => api.reports.tables({ params: { id } }, { accept: "application/json" }),
    sendAgain: (api, { report: id }) => api.reports.sendAgain({ params: { id } }),
    dashboard: (api) => api.reports.dashboard({}),
    runScheduled: (api) => api.reports.runScheduled({}),
  },
  survey: {
    open: (api, { link: { token } }) => api.survey.open({ params: { token } }),
    submit: {
      "": (api, { link: { token } }) =>
        api.survey.submit({ params: { token }, form: { ...NEW_RESPONSE, score: "9" } }),
      "with a low score": (api, { link: { token } }) =>
        api.survey.submit({ params: { token }, form: { ...NEW_RESPONSE, score: "1" } }),
    },
    logo: (api, { logo: file }) => api.survey.logo({ params: { file } }),
    theme: (api) => api.survey.theme({ params: { file: "1d5a86.css" } }),
    opened: (api, { link: { token } }) => api.survey.opened({ params: { token } }),
    leave: (api, { link: { token } }) => api.survey.leave({ params: { token } }),
    unsubscribe: (api, { link: { token } }) => api.survey.unsubscribe({ params: { token } }),
    asset: (api) => api.survey.asset({ params: { file: "survey.css" } }),
  },
  report: {
    ask: (api, { mailed: { leave: token } }) => api.report.ask({ params: { token } }),
    leave: (api, { mailed: { leave: token } }) => api.report.leave({ params: { token } }),
    file: (api, { mailed: { file: token } }) => api.report.file({ params: { token } }),
    tables: (api, { mailed: { file: token } }) => api.report.tables({ params: { token } }),
    asset: (api) => api.report.asset({ params: { file: "site.css" } }),
  },
  password: {
    ask: (api) => api.password.ask({}),
    request: (api, { session: { email } }) => api.password.request({ form: { email } }),
    open: (api, { invitation: token }) => api.password.open({ params: { token } }),
    submit: (api, { invitation: token }) => {
      const form = { password: "Another-Horse-2", repeated: "Another-Horse-2" };
      return api.password.submit({ params: { token }, form });
    },
    asset: (api) => api.password.asset({ params: { file: "site.css" } }),
  },
  docs: {
    home: (api) => api.docs.home({}),
    swagger: (api) => api.docs.swagger({}),
    redoc: (api) => api.docs.redoc({}),
    asset: (api) => api.docs.asset({ params: { file: "swagger-ui.css" } }),
    openapi: (api) => api.docs.openapi({}),
    health: (api) => api.docs.health({}),
  },
};

export interface Sample {
  /** `GET /customers with a text`: method, path below `/api/v1`, and what makes this call different. */
  readonly title: string;
  /** `customers.list`: group and endpoint. */
  readonly id: string;
  /** What makes this call different; "" for the ordinary one. */
  readonly variant: string;
  readonly group: (typeof groups)[number]["name"];
  readonly endpoint: Endpoint;
  readonly call: SampleCall;
}

/** `health-scores` as the client calls it: `healthScores`. */
const clientOf = (group: string) => group.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const isClient = (name: string): name is keyof Api => name in SAMPLE_CALLS;

/** All sample calls, in the order of the contract. */
export const samples: readonly Sample[] = groups.flatMap((group) =>
  Object.entries<Endpoint>(group.endpoints).flatMap(([name, endpoint]) => {
    const client = clientOf(group.name);
    const ofGroup: Readonly<Record<string, SampleCall | Variants>> = isClient(client)
      ? SAMPLE_CALLS[client]
      : {};
    const calls = ofGroup[name];
    if (!calls) throw new Error(`${group.name}.${name} has no sample call`);
    const { method, path } = endpoint;
    const address = `${method} ${group.prefix.replace("/api/v1", "")}${path === "/" ? "" : path}`;
    return Object.entries(typeof calls === "function" ? { "": calls } : calls).map(([difference, call]) => ({
      title: `${address} ${difference}`.trim(),
      id: `${group.name}.${name}`,
      variant: difference,
      group: group.name,
      endpoint,
      call,
    }));
  }),
);

export const isRead = ({ endpoint }: Pick<Sample, "endpoint">): boolean => endpoint.method === "GET";

/** In place of rows that nobody asks for. */
export const NO_ROWS: SampleRows = {
  customer: "",
  deployment: "",
  interaction: "",
  ticket: "",
  outcome: "",
  renewal: "",
  survey: "",
  alert: "",
  schedule: "",
  report: "",
  mailed: { leave: "", file: "" },
  link: { id: "", token: "" },
  request: "",
  user: "",
  session: { email: "", refresh_token: "" },
  suppression: "",
  logo: "",
  invited: "",
  invitation: "",
  apiKey: "",
  avatar: "",
  protected: "",
  second: { ticket: "", code: "" },
  linked: "",
  oidcCode: "",
  draft: "",
  published: "",
  overridden: "",
  backtest: "",
};

/** The file of a new person's picture. */
export async function avatarRow({ person }: Pick<TestCloud, "person">): Promise<string> {
  const { id, api } = await person("viewer");
  const upload_id = await putUpload(id);
  return (await api.users.setAvatar({ body: { upload_id } })).body().avatar_url.split("/").at(-1) ?? "";
}

/** The renewal of a new customer, which has not ended. */
export async function renewalRow({ manager: { api, id } }: Pick<TestCloud, "manager">): Promise<string> {
  const body = { ...NEW_CUSTOMER, company_name: newName(), account_manager_id: id };
  const { id: customer_id } = (await api.customers.create({ body })).body();
  const { renewals } = (await api.outcomes.renewals({ query: { customer_id } })).body();
  return renewals[0]?.id ?? "";
}

/** Somebody who signs in at the provider of log-ins. */
export async function linkedRow({ person }: Pick<TestCloud, "person">): Promise<string> {
  const { id, email } = await person("viewer");
  await putIdentity(id, email);
  return id;
}

/** Somebody who has a second factor, and has just typed the password. */
export async function protectedRows(
  cloud: Pick<TestCloud, "person">,
): Promise<Pick<SampleRows, "protected" | "second">> {
  const { id, email, api } = await cloud.person("manager");
  const {
    recovery_codes: [code = ""],
  } = await turnOn(api);
  // Loaded late: the domain reads the table's name when it is.
  const { Sessions } = await import("@success-manager/domain/auth");
  const answer = await Sessions.signIn({ username: email, password: PASSWORD }, `test ${id}`);
  if (!("ticket" in answer)) throw new Error("Nobody asks for the second factor");
  return { protected: id, second: { ticket: answer.ticket, code } };
}

/** Sends nothing. */
const SILENT = new Proxy({} as Api, { get: () => new Proxy({}, { get: () => async () => undefined }) });

/** Whether a row is wanted. */
export type Wants = (...rows: readonly (keyof SampleRows)[]) => boolean;

/** Tells which rows some calls are about, so that only these need to be made: what the calls read when nothing is sent. */
export function wantedBy(...calls: readonly Pick<Sample, "call">[]): Wants {
  const read = new Set<PropertyKey>();
  const rows = new Proxy(NO_ROWS, {
    get(target, name) {
      read.add(name);
      return Reflect.get(target, name);
    },
  });
  for (const { call } of calls) void call(SILENT, rows);
  return (...names) => names.some((name) => read.has(name));
}

/** The key of `SampleRows`. */
export const A_KEY = { body: { ...NEW_API_KEY, scopes: [...NEW_API_KEY.scopes] } };

/** Fresh rows: all, scored and with products, so that no list of an answer is empty where it need not be; or the wanted ones. */
export async function newRows(
  cloud: Pick<TestCloud, "admin" | "manager" | "person">,
  wants: Wants = () => true,
): Promise<SampleRows> {
  const rows: { -readonly [R in keyof SampleRows]: SampleRows[R] } = { ...NO_ROWS };
  const { api, id: account_manager_id } = cloud.manager;
  if (wants("user", "session")) {
    const { id, ...session } = await cloud.person("manager");
    Object.assign(rows, { user: id, session });
  }
  if (wants("invited", "invitation")) Object.assign(rows, await putInvitation());
  if (wants("avatar")) rows.avatar = await avatarRow(cloud);
  if (wants("protected", "second")) Object.assign(rows, await protectedRows(cloud));
  if (wants("linked")) rows.linked = await linkedRow(cloud);
  if (wants("oidcCode")) rows.oidcCode = await putOidcLogin((await cloud.person("viewer")).id);
  if (wants("logo"))
    rows.logo = (await cloud.admin.api.settings.uploadLogo({ body: { content: LOGO } })).body().logo;
  if (wants("suppression")) rows.suppression = await putSuppression();
  if (wants("apiKey")) rows.apiKey = (await cloud.admin.api.apiKeys.create(A_KEY)).body().id;
  if (wants("draft")) rows.draft = await definitionRow(cloud.admin.api, "draft");
  if (wants("published")) rows.published = await definitionRow(cloud.admin.api, "published");
  if (wants("backtest")) rows.backtest = await putBacktest();
  if (wants("overridden")) {
    const body = { company_name: `Company ${randomUUID()}`, account_manager_id };
    rows.overridden = (await api.customers.create({ body })).body().id;
    (await api.healthScores.override({ params: { id: rows.overridden }, body: NEW_OVERRIDE })).body();
  }
  if (wants("renewal")) rows.renewal = await renewalRow(cloud);
  if (wants("schedule", "report", "mailed")) {
    const asked = { ...NEW_SCHEDULE, recipients: [RECIPIENT] };
    rows.schedule = (await api.reports.createSchedule({ body: asked })).body().id;
    const deliveries = [{ recipient: RECIPIENT, status: "unknown", sent_at: null, error: null }] as const;
    rows.report = await putReport({ scheduled_report_id: rows.schedule, deliveries });
    rows.mailed = await linksOf(rows.schedule, rows.report, RECIPIENT);
  }
  if (
    !wants("customer", "deployment", "interaction", "ticket", "outcome", "alert", "survey", "link", "request")
  )
    return rows;

  const company = { ...NEW_CUSTOMER, company_name: `Company ${randomUUID()}`, account_manager_id };
  const { id: customer_id } = (await api.customers.create({ body: company })).body();
  rows.customer = customer_id;
  if (wants("deployment", "survey")) {
    const { id } = (await api.deployments.create({ body: { ...NEW_DEPLOYMENT, customer_id } })).body();
    (
      await api.healthScores.calculate({ params: { customer_id }, body: { product_deployment_id: id } })
    ).body();
    rows.deployment = id;
  }
  if (wants("interaction"))
    rows.interaction = (
      await api.interactions.create({ body: { ...NEW_INTERACTION, customer_id } })
    ).body().id;
  if (wants("ticket")) {
    rows.ticket = (await api.tickets.create({ body: { ...NEW_TICKET, customer_id } })).body().id;
    await api.tickets.addComment({ params: { id: rows.ticket }, body: { body: "We look at it." } });
  }
  if (wants("outcome"))
    rows.outcome = (
      await api.customers.recordOutcome({ params: { id: customer_id }, body: NEW_OUTCOME })
    ).body().id;
  if (wants("alert"))
    rows.alert = (await api.alerts.create({ body: { ...NEW_ALERT, customer_id } })).body().id;
  const about = { customer_id, ...(rows.deployment && { product_deployment_id: rows.deployment }) };
  if (wants("survey")) {
    const response = { ...NEW_RESPONSE, ...about, survey_type: "onboarding" } as const;
    rows.survey = (await api.csat.create({ body: response })).body().id;
  }
  if (wants("link"))
    rows.link = (
      await api.csat.createLink({ body: { ...about, survey_type: "nps", send_to: "leaver@example.com" } })
    ).body();
  if (wants("request")) {
    const to = { target_type: "specific", target_email: RECIPIENT } as const;
    const invited = { customer_id, survey_type: "nps", ...to } as const;
    const [request] = (await api.surveyRequests.create({ body: invited })).body();
    rows.request = request?.id ?? "";
  }
  return rows;
}

/** A sample call as it travels, without a credential. */
export interface SampleRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a sample call sends; sends nothing. */
export async function requestOf({ call }: Pick<Sample, "call">, rows: SampleRows): Promise<SampleRequest> {
  const sent: SampleRequest[] = [];
  const capture: typeof fetch = async (url, { method = "GET", headers, body } = {}) => {
    const { pathname, search } = new URL(String(url));
    sent.push({
      ...{ method, path: pathname + search, headers: Object.fromEntries(new Headers(headers)) },
      ...(typeof body === "string" && { body }),
    });
    return new Response("{}");
  };
  await call(apiOf("http://localhost", undefined, undefined, capture, "none"), rows);
  const [first] = sent;
  if (first === undefined) throw new Error("The sample call sends nothing");
  return first;
}
