import { commandJobs, type JobId, jobFunctionVariable, jobs } from "@success-manager/contract/jobs";
import { Language } from "@success-manager/contract/vocabulary";
import * as z from "zod";

/** A variable that may be missing; an empty one is missing too. */
const optional = z
  .string()
  .optional()
  .transform((value) => value || undefined);

const quota = z.int().min(1);
const Quotas = z.object({
  reports: quota.default(120),
  mails: quota.default(300),
  jobs: quota.default(120),
});

/** Every environment variable that the domain reads, by the name that infra/ gives it. */
const Environment = z.object({
  TABLE_NAME: z.string().default(""),
  /** ARNs of the secrets that hold the signing keys of tokens. */
  ACCESS_KEY_SECRET_ARN: optional,
  REFRESH_KEY_SECRET_ARN: optional,
  /** ARN of the secret from which follow the keys that second factors are encrypted with. */
  SECOND_FACTOR_KEY_SECRET_ARN: optional,
  /** ARN of the secret that addresses which get no mail are hashed with (`mail/suppression.ts`). */
  ADDRESS_KEY_SECRET_ARN: optional,
  /** How long a container goes on with the keys it knows. Tests of a rotation shorten it; a deployed stage never does. */
  KEY_CACHE_MS: z.coerce.number().int().positive().default(300_000),
  /** JSON of the provider of log-ins, where the stage has one (`auth/oidc/provider.ts`). */
  OIDC: optional,
  /** How long a provider of log-ins may take to answer. Tests of a late one shorten it; a deployed stage never does. */
  OIDC_ANSWER_MS: z.coerce.number().int().positive().default(5_000),
  /** Whether people may sign in by a password; `off` where they have to come by the provider. */
  PASSWORD_LOGIN: z.enum(["on", "off"]).default("on"),
  /** The web app, where people sign in who can't by a password: invitations lead there. */
  WEB_APP_URL: optional,
  /** After how many days a session ends, however it is used (decision 6). */
  SESSION_DAYS: z.coerce.number().positive().default(30),
  /** Cost of password hashes (decision 7). Tests that create many users lower it; a deployed stage never does. */
  BCRYPT_COST: z.coerce.number().int().min(4).max(31).default(12),
  /** Language of who is asked and whose own nobody knows. */
  DEFAULT_LANGUAGE: Language.default("en"),
  /** Time zone of the schedules of jobs, and of the times that customers read (IANA). */
  SCHEDULE_TIMEZONE: z.string().default("UTC"),
  /** JSON of the weights of the health score's components (decision 12). */
  HEALTH_WEIGHTS: optional,
  /** JSON of what a user may do in an hour (decision 22). */
  QUOTAS: z
    .string()
    .default("{}")
    .transform((text) => Quotas.parse(JSON.parse(text))),
  /** Who asks and reports, as long as no admin has said it (`/settings/branding`). */
  ORGANIZATION: z.string().default("Success Manager"),
  /** JSON of whom to ask about the API (OpenAPI 3.1, Contact Object). */
  API_CONTACT: optional,
  /** Sender of mails; without one, nothing is sent. */
  MAIL_FROM: optional,
  MAIL_REPLY_TO: optional,
  MAIL_CONFIGURATION_SET: optional,
  /** How long SES may take to answer. Tests of a late one shorten it; a deployed stage never does. */
  MAIL_ANSWER_MS: z.coerce.number().int().positive().default(30_000),
  /** How long a request waits for all customers where there is no snapshot. A test shortens it; a deployed stage never does. */
  FIRST_LOAD_MS: z.coerce.number().int().positive().default(20_000),
  /** How long indexes may take to follow a write, for who compares them. Tests shorten it; a deployed stage never does. */
  REBUILD_SETTLE_MS: z.coerce.number().int().positive().default(5_000),
  /** The SDK's own: how often something is tried at most. */
  AWS_MAX_ATTEMPTS: z.coerce.number().int().positive().catch(3),
  /** Bucket of the reports' files, and how many days it keeps them. */
  REPORTS_BUCKET: optional,
  /** Currency of amounts (ISO 4217). */
  CURRENCY: z.string().default("USD"),
  REPORT_RETENTION_DAYS: z.coerce.number().int().positive().catch(400),
  /** How many days an entry of the audit trail is kept. */
  AUDIT_RETENTION_DAYS: z.coerce.number().int().positive().catch(400),
  /** Bucket of the snapshots that functions start from; without one they read the table. */
  SNAPSHOTS_BUCKET: optional,
  /** What the health of the system is looked for at, where this function does (infra/functions.ts). */
  DEAD_LETTER_QUEUE_URL: optional,
  WATCHED_SENDER: optional,
  WATCHED_BUCKET: optional,
  /** Lambda's own: the folder of the function's bundle. */
  LAMBDA_TASK_ROOT: optional,
  /** The SDK's own: where S3 stands in on one machine, and the region. */
  AWS_ENDPOINT_URL_S3: optional,
  AWS_ENDPOINT_URL_LAMBDA: optional,
  AWS_REGION: optional,
  /** The origin under which people reach us, such as `https://api.example.com`, where a stage has one of its own. */
  PUBLIC_URL: optional,
  /** The gateway's own address, for functions that no request tells it (infra/api.ts). */
  GATEWAY_URL: optional,
});

/**
 * What the deployment has set. Read anew with each call: nothing calls it in a hot path.
 *
 * @throws ZodError for a value that can't be
 */
export const config = () => ({
  ...Environment.parse(process.env),
  /** Names of the jobs' functions, where this function may start them. */
  jobFunctions: new Map<JobId, string | undefined>(
    [...jobs, ...commandJobs].map(({ id, runs }) => [
      id,
      process.env[jobFunctionVariable(runs)] || undefined,
    ]),
  ),
});
