import { type JobFunction, jobFunctions } from "@success-manager/contract/jobs";

/** What a table's index answers; the table itself is "table". */
export type Index = "byCustomer" | "byType" | "byDueDate";

export interface Permission {
  /** DynamoDB actions on items. A transaction needs the actions of its parts, none of its own. */
  readonly items?: readonly ItemAction[];
  /** Where it may query. */
  readonly queries?: readonly ("table" | Index)[];
  /** What the partition keys of its items, and of its queries, begin with; all but log-ins when absent. */
  readonly partitions?: readonly string[];
  /** Of log-ins, which hold the hashes of passwords: whether it may use them, or only see whose an address is. */
  readonly logins?: "use" | "owner";
  /** What it may do with the audit trail, which nobody changes: `append` is to add entries, `erase` to take out what is personal of them, and nothing else of them. Nothing when absent. */
  readonly trail?: "read" | "append" | "erase";
  /** Whether it may read the whole table: migrations alone. */
  readonly scans?: boolean;
  /** What it may do with the files of reports. Who writes them also prints them. */
  readonly files?: readonly ("read" | "write" | "delete")[];
  /** What it may do with logos: `write` is to keep those that are uploaded. */
  readonly logos?: "read" | "write";
  /** Whether it keeps and deletes pictures of people, and signs where they are uploaded to. */
  readonly avatars?: boolean;
  /** What it may do with the snapshots that functions start from. */
  readonly snapshots?: "read" | "write";
  /** Keys it may read; `addresses` also who mails, or asks which addresses get none (`keysOf`). */
  readonly keys?: readonly KeyUse[];
  /** Whether it asks the provider of log-ins who somebody is: it may read the secret of the client that we are there. */
  readonly asksProvider?: boolean;
  /** Whether it makes new versions of the keys. */
  readonly rotates?: boolean;
  /** Jobs it may start. */
  readonly starts?: readonly JobFunction[];
  /** Whether it tells when jobs run, and so needs the time zone of their schedules. */
  readonly schedules?: boolean;
  /** Whether it sends mail as the stage's sender. */
  readonly mails?: boolean;
  /** Whether it shows who asks and reports, though it mails nothing: it may read that section of the settings. */
  readonly brands?: boolean;
  /** Whether customers, readers of reports or people without a session read what it says, and so needs the language and the time zone of who says none. */
  readonly speaks?: boolean;
  /** Sends the OpenAPI document, which says whom to ask about the API. */
  readonly describes?: boolean;
  /** Whether its endpoints cost something, so that it needs to know how much a user may spend. */
  readonly charges?: boolean;
  /** Whether it tells how the parts of the system are: it may count what the dead-letter queue holds. */
  readonly watches?: boolean;
  /** Whether it computes health scores, and so needs their weights. */
  readonly scores?: boolean;
}

export type KeyUse = "access" | "refresh" | "secondFactor" | "addresses";

type ItemAction = "GetItem" | "BatchGetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "ConditionCheckItem";

export const read = ["GetItem", "BatchGetItem"] as const;
export const write = ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"] as const;

/**
 * What a check of alerts may do: read directory and alerts (byType and their snapshots, and a customer's own on the
 * table), write alerts.
 */
const check = {
  items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"],
  queries: ["table", "byType"],
  snapshots: "read",
  // Mails what it has opened, but not to users who were deactivated.
  logins: "owner",
  mails: true,
} as const;

/** What anybody with a survey link calls: the link, the answer, the alert that a low one opens, and nothing else. */
const answersSurveys = {
  items: ["GetItem", "PutItem", "UpdateItem"],
  partitions: ["survey_calls", "survey_link", "survey", "alert", "conditions"],
  speaks: true,
} as const;

/**
 * Every function, by the name of its file under functions/, and all that it may do. Its variables follow from this
 * too: a function that may not read a key does not know where it is.
 *
 * Each API function authenticates by itself, so it reads users and sessions (BatchGetItem) and the access key. The
 * customer directory is a query on byType, what happened with a customer one on byCustomer, scores over time one on
 * the table itself. A new query needs its index here, or the function fails in AWS; in the tests of
 * the API, too, where a proxy refuses what a role does not allow (test/support/policies.ts).
 */
export const permissions = {
  "api/auth": {
    items: [...read, ...write],
    logins: "use",
    keys: ["access", "refresh", "secondFactor"],
    asksProvider: true,
    mails: true,
    speaks: true,
  },
  "api/account": {
    // Some changes take the password; a session that is ended leaves who has ended it.
    items: [...read, ...write],
    logins: "use",
    queries: ["table"],
    keys: ["access", "secondFactor"],
    // The picture goes with the account.
    avatars: true,
  },
  "api/users": {
    items: [...read, ...write],
    logins: "use",
    queries: ["byType"],
    keys: ["access"],
    avatars: true,
    charges: true,
    mails: true,
    speaks: true,
  },
  "api/api-keys": {
    items: ["BatchGetItem", "GetItem", "PutItem", "UpdateItem"],
    queries: ["byType"],
    partitions: ["api_key", "api_key_use", "user", "session", "idempotency"],
    keys: ["access"],
  },
  "api/customers": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    // A customer's page says whether mail gets to the contact.
    keys: ["access", "addresses"],
  },
  "api/deployments": {
    items: [...read, ...write],
    queries: ["table", "byType"],
    snapshots: "read",
    keys: ["access"],
  },
  "api/health-scores": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
    charges: true,
    starts: ["jobs/health"],
    scores: true,
  },
  "api/score-definitions": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
    charges: true,
    starts: ["jobs/score-backtests"],
    scores: true,
  },
  "api/dashboard": {
    items: ["BatchGetItem"],
    queries: ["table", "byType"],
    snapshots: "read",
    keys: ["access"],
  },
  "api/csat": {
    items: [...read, "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
    charges: true,
    mails: true,
    speaks: true,
  },
  "api/survey-requests": {
    items: [...read, "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    snapshots: "read",
    keys: ["access"],
    charges: true,
    mails: true,
    speaks: true,
  },
  "api/portal": {
    ...answersSurveys,
    partitions: [...answersSurveys.partitions, "survey_idempotency"],
  },
  "api/alerts": {
    items: [...read, "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
    charges: true,
    // Checks go on there when a request is too short for them.
    starts: ["jobs/contract-expiry", "jobs/license-expiry", "jobs/inactivity"],
  },
  "api/scheduler": {
    items: ["BatchGetItem", "PutItem", "UpdateItem"],
    keys: ["access"],
    charges: true,
    starts: jobFunctions,
    schedules: true,
  },
  "api/settings": {
    items: ["GetItem", "BatchGetItem", "PutItem"],
    queries: ["byType"],
    logos: "write",
    keys: ["access", "addresses"],
    schedules: true,
    watches: true,
  },
  // A function of its own: no other sees who did what.
  "api/audit": {
    items: ["BatchGetItem"],
    queries: ["table", "byType", "byCustomer"],
    trail: "read",
    keys: ["access"],
  },
  "api/personal-data": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    // Whether an address is a user's.
    logins: "owner",
    files: ["read"],
    keys: ["access"],
    charges: true,
    starts: ["jobs/personal-data"],
  },
  "api/interactions": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    snapshots: "read",
    keys: ["access"],
  },
  "api/tickets": {
    items: [...read, "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
  },
  "api/outcomes": {
    // Whoever records that a customer has left or is back changes alerts and follow-ups with the status.
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    keys: ["access"],
  },
  "api/reports": {
    items: [...read, "PutItem", "UpdateItem", "DeleteItem"],
    // Users who were deactivated get no reports.
    logins: "owner",
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    snapshots: "read",
    files: ["read", "write"],
    logos: "read",
    keys: ["access"],
    charges: true,
    // Reports are done there when a request is too short for them, or nobody wants to wait.
    starts: ["jobs/scheduled-reports"],
    mails: true,
    speaks: true,
  },
  "pages/docs": { describes: true },
  // Whose recipients unsubscribe there.
  "pages/survey": {
    ...answersSurveys,
    items: [...answersSurveys.items, "BatchGetItem"],
    partitions: [...answersSurveys.partitions, "suppression"],
    keys: ["addresses"],
    logos: "read",
    brands: true,
  },
  "pages/report": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    partitions: ["report_calls", "report_schedule", "report", "login", "user"],
    logins: "owner",
    files: ["read"],
    speaks: true,
    brands: true,
  },
  "pages/password": {
    items: [...read, "PutItem", "UpdateItem"],
    partitions: ["password_calls", "password_link", "account_mail", "login", "user", "teammate"],
    logins: "use",
    brands: true,
    speaks: true,
  },
  "jobs/health": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    // Itself, to go on in a fresh invocation when its 15 minutes run out; so does every job.
    starts: ["jobs/health"],
    scores: true,
  },
  "jobs/contract-expiry": { ...check, starts: ["jobs/contract-expiry"] },
  "jobs/license-expiry": { ...check, starts: ["jobs/license-expiry"] },
  "jobs/inactivity": { ...check, starts: ["jobs/inactivity"] },
  // Changes the status of who leaves or is back on a day that was announced, with alerts and follow-ups.
  "jobs/renewals": {
    items: [...read, ...write],
    queries: ["table", "byType", "byCustomer"],
    snapshots: "read",
    starts: ["jobs/renewals"],
  },
  "jobs/survey-reminders": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    queries: ["byType"],
    starts: ["jobs/survey-reminders"],
    mails: true,
    speaks: true,
  },
  "jobs/scheduled-reports": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    logins: "owner",
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    snapshots: "read",
    files: ["read", "write"],
    logos: "read",
    starts: ["jobs/scheduled-reports"],
    mails: true,
    speaks: true,
  },
  "jobs/directory-snapshot": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    queries: ["byType"],
    snapshots: "write",
    starts: ["jobs/directory-snapshot"],
  },
  "jobs/counters-rebuild": {
    items: [...read, ...write],
    queries: ["table", "byType"],
    starts: ["jobs/counters-rebuild"],
  },
  "jobs/system-watch": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    queries: ["table", "byDueDate"],
    // Has exports, erasures and back-tests that broke off tried again.
    starts: ["jobs/system-watch", "jobs/personal-data", "jobs/score-backtests"],
    schedules: true,
  },
  // Started by its command alone (npm run migrations).
  "jobs/migrations": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    scans: true,
    starts: ["jobs/migrations"],
  },
  // Goes through all that may be about a person; deletes log-ins of users, and files that name somebody.
  "jobs/personal-data": {
    items: [...read, "PutItem", "UpdateItem", "DeleteItem"],
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    logins: "use",
    trail: "erase",
    files: ["write", "delete"],
    avatars: true,
    // The address stays without mail, though nothing else is left of it.
    keys: ["addresses"],
    starts: ["jobs/personal-data"],
  },
  "jobs/score-backtests": {
    // Writes back-tests, and with a draft what its newest one has found.
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    queries: ["table", "byType", "byCustomer", "byDueDate"],
    snapshots: "read",
    starts: ["jobs/score-backtests"],
    scores: true,
  },
  "keys/rotation": { keys: ["access", "refresh"], rotates: true },
  // Settles reports and survey links, and notes addresses. Its topic is in infra/mail.ts.
  "events/mail": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
    keys: ["addresses"],
  },
  // What it needs of the stream itself is in infra/stream.ts.
  "streams/notifications": {
    items: ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"],
    // Users who were deactivated are told nothing, and others of the customers whom they see: whose these are may
    // follow from names of the team. A link to reset a password is made where its mail is.
    logins: "use",
    queries: ["byCustomer", "byType"],
    mails: true,
    speaks: true,
  },
  "streams/rollups": {
    items: [...read, "PutItem", "UpdateItem", "ConditionCheckItem"],
    queries: ["table", "byCustomer"],
    trail: "append",
  },
} as const satisfies Readonly<Record<string, Permission>>;

export type FunctionName = keyof typeof permissions;

const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(permissions, name);

export const functionNames: readonly FunctionName[] = Object.keys(permissions).filter(isFunctionName);

/** Narrows a name that is put together elsewhere, such as from a group of the contract. Throws for an unknown one. */
export function functionName(name: string): FunctionName {
  if (isFunctionName(name)) return name;
  throw new Error(`${name} may do nothing yet: give it a line in infra/permissions.ts`);
}

/** Whether the gateway calls a function. */
export const isServed = (name: FunctionName) => name.startsWith("api/") || name.startsWith("pages/");

/** Whether a function sends mail. */
export function sendsMail(name: FunctionName): boolean {
  const { mails = false }: Permission = permissions[name];
  return mails;
}

/**
 * Whether a function keeps a copy of the directory. Its first list of 100 000 customers takes 1.5 s of one CPU
 * (`npm run bench -- --only cold`): with less it would take longer than people wait.
 */
export function keepsDirectory(name: FunctionName): boolean {
  const { snapshots }: Permission = permissions[name];
  return snapshots === "read";
}

/** Whether a function prints reports and keeps them. */
export const printsReports = (name: FunctionName) =>
  filesOf(name).includes("write") && !filesOf(name).includes("delete");

/** Keys that a function may read: whoever mails asks whether the address gets any. */
export function keysOf(name: FunctionName): readonly KeyUse[] {
  const { keys = [], mails = false }: Permission = permissions[name];
  return mails ? [...new Set<KeyUse>([...keys, "addresses"])] : keys;
}

/** What a function may do with the files of reports. */
export function filesOf(name: FunctionName) {
  const { files = [] }: Permission = permissions[name];
  return files;
}

/**
 * Jobs that a function may start: those of its line; and what answers requests from snapshots may have them taken, where
 * there is none yet.
 */
export function startsOf(name: FunctionName): NonNullable<Permission["starts"]> {
  const { starts = [], snapshots }: Permission = permissions[name];
  const isServing = name.startsWith("api/") && snapshots === "read";
  return isServing ? [...starts, "jobs/directory-snapshot"] : starts;
}
