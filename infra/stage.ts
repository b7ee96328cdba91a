import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toAsciiEmail } from "@success-manager/contract/email";
import { email } from "@success-manager/contract/values";
import { Language, Role } from "@success-manager/contract/vocabulary";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod";

/** AWS takes international domains in punycode. */
const address = email.transform(toAsciiEmail);

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * A web origin that may call the API from a browser. No wildcard: any page could use a signed-in visitor's session.
 * Without TLS only on the developer's own machine.
 */
const origin = z
  .string()
  .transform((text) => text.trim().replace(/\/$/, ""))
  .refine(
    (text) =>
      isOrigin(text) &&
      !text.includes("*") &&
      (text.startsWith("https://") ||
        (text.startsWith("http://") && LOCAL_HOSTS.has(new URL(text).hostname))),
    { error: ({ input }) => `${JSON.stringify(input)} is no origin; write one like https://app.example.com` },
  );

const quota = z.int().min(1);
const weight = z.number().min(0).max(1);
const throttle = z.strictObject({
  rate: z.int().min(1).describe("requests a second"),
  burst: z.int().min(1).describe("how many may come at once"),
});
/** What CloudWatch knows as a retention. */
const retentionDays = z
  .int()
  .refine(
    (days) => RetentionDays[days] !== undefined,
    "is no retention of CloudWatch, such as 14, 30, 90, 365",
  );

const generation = z.int().min(1).max(999);
const days = z.int().min(1).max(36_500);

/** Copies of the table in a vault of AWS Backup; its parts are told apart in docs/runbook.md. */
const backup = z
  .strictObject({
    dailyDays: days.default(35).describe("how long a day's copy is kept"),
    monthlyDays: days.default(365).describe("how long a month's copy is kept"),
    monthlyColdAfterDays: days
      .optional()
      .describe("after how many days a month's copy moves to cold storage"),
    copyTo: z
      .string()
      .regex(
        /^arn:aws[\w-]*:backup:[a-z0-9-]+:\d{12}:backup-vault:[\w-]{2,50}$/,
        "is no ARN of a backup vault",
      )
      .optional()
      .describe("another vault, such as in another region, that gets a copy of each"),
    lock: z
      .strictObject({ minDays: days, maxDays: days, graceDays: days.min(3, "AWS wants 3 days at least") })
      .optional()
      .describe("nobody deletes a copy before its time, for good"),
  })
  .superRefine(({ dailyDays, monthlyDays, monthlyColdAfterDays, lock }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    // AWS Backup: what moves to cold storage stays there for 90 days at least.
    if (monthlyColdAfterDays !== undefined && monthlyDays < monthlyColdAfterDays + 90)
      refuse("monthlyColdAfterDays", "copies in cold storage are kept for 90 days more at least");
    if (
      lock &&
      (lock.minDays > Math.min(dailyDays, monthlyDays) || lock.maxDays < Math.max(dailyDays, monthlyDays))
    )
      refuse("lock", "refuses copies that are kept for less than minDays or for more than maxDays");
  });

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** An ARN of a certificate of ACM, and the region it names. */
const certificate = z
  .string()
  .regex(/^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, "is no ARN of a certificate of ACM");
const regionOf = (arn: string) => arn.split(":")[3];

const hostName = z
  .string()
  .regex(
    /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "is no name such as api.example.com",
  );

const isLocalUrl = (text: string) => LOCAL_HOSTS.has(URL.parse(text)?.hostname ?? "");

/** OpenID Connect Discovery 1.0, 3: https, no query, no fragment. On this machine, for `npm start`, TLS may be missing. */
const issuer = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/[?#@]/.test(text), "is no issuer: it has no query, fragment or user")
  .refine((text) => text.startsWith("https://") || isLocalUrl(text), "must begin with https://")
  .refine(
    (text) => !/^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)\b/.test(text),
    "would let in everybody who has an account of Microsoft: write your tenant's id in it",
  );

/** The log-in with a provider; its parts are told apart in docs/deploy.md. */
const oidc = z
  .strictObject({
    issuer,
    clientId: z.string().min(1).max(255),
    clientSecretArn: z
      .string()
      .regex(/^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/, "is no ARN of a secret")
      .optional(),
    clientSecret: z.string().min(1).optional(),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, "is no scope"))
      .refine((scopes) => scopes.includes("openid"), "must hold openid")
      .default(["openid", "email", "profile"]),
    emailProof: z.enum(["email_verified", "hd", "xms_edov", "issuer"]).default("email_verified"),
    mailDomains: z.array(hostName).default([]),
    roles: z
      .strictObject({
        claim: z.string().min(1).max(255),
        values: z.record(z.string().min(1).max(255), Role),
      })
      .optional(),
    defaultRole: z.union([Role, z.literal("none")]).default("viewer"),
    label: z.string().trim().min(1).max(60).default("Sign in with your organization"),
    passwordLogin: z.boolean().default(true),
  })
  .superRefine(({ emailProof, mailDomains, clientSecretArn, clientSecret }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (emailProof === "issuer" && mailDomains.length === 0)
      refuse("mailDomains", "name the domains whose addresses this issuer gives out");
    if (clientSecretArn !== undefined && clientSecret !== undefined)
      refuse("clientSecret", "is in clientSecretArn already");
  });

/** CloudFront takes certificates from there alone. */
const EDGE_CERTIFICATES = "us-east-1";

/** What a file of `infra/stages` may say; descriptions are the table in docs/deploy.md. */
export const StageSettings = z.strictObject({
  corsOrigins: z
    .array(origin)
    .min(1, "name the web app's origin, like https://app.example.com")
    .describe("web origins that may call the API and load reports"),
  mail: z
    .strictObject({
      from: address,
      replyTo: address.optional(),
      verifiedIdentity: z.string().min(1).optional(),
    })
    .optional()
    .describe(
      "`from`: sender of mails. SES writes to it once; until somebody opens the link in there, and while the account is in SES's sandbox, mails are refused. `verifiedIdentity`: the address or domain where SES knows the sender already, and this stage shall not make it. `replyTo`: where answers go, if not to the sender, until an admin says it. Without `mail` none is sent, and people are told so",
    ),
  organization: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .optional()
    .describe(
      "who asks customers for their opinion and who reports, such as `Extravis`, until an admin says it (`PUT /settings/branding`). Without it that is `Success Manager`",
    ),
  apiContact: z
    .strictObject({
      name: z.string().trim().min(1).max(80).optional(),
      url: z.url({ protocol: /^https$/ }).optional(),
      email: address.optional(),
    })
    .optional()
    .describe(
      "whom integrators ask about the API, in its OpenAPI document: `name`, `url`, `email`, of which any may be missing. Without it the document names `organization`",
    ),
  alarmEmail: address.optional().describe("who is told of alarms"),
  monthlyBudget: z
    .number()
    .positive()
    .optional()
    .describe(
      "dollars: `alarmEmail` is told when the account has spent 80 % of it in a month, and when it is about to spend more",
    ),
  publicUrl: z
    .url({ protocol: /^https$/ })
    .refine((url) => new URL(url).origin === url, "must be an origin like https://api.example.com")
    .optional()
    .describe(
      "an origin such as `https://api.example.com`: where people reach the API, when not at the address of gateway or edge",
    ),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is no region such as eu-central-1")
    .optional()
    .describe("the AWS region, such as `eu-central-1`; needed with `edge`. Without it the one of the shell"),
  edge: z
    .boolean()
    .optional()
    .describe(
      "whether CloudFront and AWS WAF stand in front of the gateway, which then refuses everybody else. Without a word `true` for `prod` and `false` for all others",
    ),
  domain: z
    .strictObject({
      name: hostName,
      certificateArn: certificate.refine(
        (arn) => regionOf(arn) === EDGE_CERTIFICATES,
        `must be of ${EDGE_CERTIFICATES}: CloudFront takes no other`,
      ),
      hostedZone: z.strictObject({ id: z.string().regex(/^Z[A-Z0-9]{1,31}$/), name: hostName }).optional(),
      originCertificateArn: certificate.optional(),
    })
    .optional()
    .describe(
      "`name`: under which people reach the edge. `certificateArn`: for it, in us-east-1. `hostedZone`: `id` and `name` of the zone of Route 53 that gets the records; without it the deployment says which one to make. `originCertificateArn`: for the same name, in `region`; with it the gateway's own address is switched off",
    ),
  originSecret: z
    .int()
    .min(1)
    .default(1)
    .describe("number of the secret by which functions know the edge; one more makes a new one"),
  canary: z
    .enum([
      "AllAtOnce",
      "Canary10Percent5Minutes",
      "Canary10Percent10Minutes",
      "Canary10Percent15Minutes",
      "Linear10PercentEvery1Minute",
    ])
    .optional()
    .describe(
      "how traffic moves to new versions, as CodeDeploy names it. Without a word `Canary10Percent5Minutes` for `prod` and `AllAtOnce` for all others",
    ),
  reservedConcurrency: z
    .strictObject({
      login: z.int().min(1).optional(),
      pages: z.int().min(1).optional(),
      // A run goes on in a second invocation before the first has ended.
      jobs: z.int().min(2).optional(),
    })
    .optional()
    .describe(
      "instances that are kept for, and at most used by, the function that signs people in, each that is open to everybody, and each job. An account has 1000, a new one perhaps 10, and 100 have to be left",
    ),
  disposable: z
    .boolean()
    .default(false)
    .describe(
      "`true`: data may be deleted with the stack, for previews; refused for `prod`. Otherwise table, bucket and keys stay, and the table refuses deletion",
    ),
  tableGeneration: generation
    .default(1)
    .describe(
      "which table serves: 1 is `success-manager-<stage>`, 2 is `success-manager-<stage>-2` and so on. Another one takes over after a restore ([runbook](runbook.md#restore))",
    ),
  keptTables: z
    .array(generation)
    .default([])
    .describe(
      "generations of the table that are in the stack beside it: one to come, or former ones to look back and to switch back to. One that is taken out here leaves the stack; the table itself stays",
    ),
  backup: backup
    .optional()
    .describe(
      "`{}` or more: AWS Backup copies the table every day and every month into a vault that outlives the stack. `dailyDays` (35) and `monthlyDays` (365): how long copies are kept. `monthlyColdAfterDays`: when a month's copy moves to cold storage, for 90 days at least. `copyTo`: ARN of another vault that gets each copy, too. `lock`: `minDays`, `maxDays`, `graceDays`; **once `graceDays` have passed nobody, AWS included, can delete a copy before its time or take the lock off**. Without `backup` there is point-in-time recovery of 35 days alone; refused for `disposable`",
    ),
  oidc: oidc
    .optional()
    .describe(
      "log-in with a provider, such as Cognito, Entra, Google or Okta ([more](#log-in-with-a-provider)). `issuer` and `clientId`: where and as whom. `clientSecretArn`: of a secret of Secrets Manager, whose text is the client's secret; without it PKCE alone. `scopes`: `openid`, `email` and `profile` unless said. `emailProof`: by what an address counts as verified: `email_verified` (the claim), `hd` (that, and Google Workspace runs its domain), `xms_edov` (Entra's) or `issuer` (its directory is your own; needs `mailDomains`). `mailDomains`: of whom it lets in; everybody when empty. `roles`: `claim` and, in `values`, the role for each of its values; roles then follow the claim at each log-in. `defaultRole`: of all others, `viewer` unless said; `none` keeps them out, or without `roles` lets only those in who have an account. `label`: of the button. `passwordLogin`: `false` when people come by the provider alone",
    ),
  currency: z
    .enum(Intl.supportedValuesOf("currency"), { error: "is no currency such as EUR" })
    .default("USD")
    .describe("of contract values, as reports and their mails print them (ISO 4217), such as `EUR`"),
  language: Language.default("en").describe(
    "in which customers are asked whose language nobody knows, and in which reports are written that name none: `en`, `de`, `fr`, `es` or `ar`",
  ),
  timezone: z
    .string()
    .refine((zone) => Intl.supportedValuesOf("timeZone").concat("UTC").includes(zone), "is no time zone")
    .default("UTC")
    .describe("in which schedules are written, and times that customers read"),
  healthWeights: z
    .strictObject({ adoption: weight, engagement: weight, support: weight, financial: weight })
    .refine((parts) => Math.abs(sum(Object.values(parts)) - 1) < 1e-9, "must sum to 1")
    .default({ adoption: 0.25, engagement: 0.25, support: 0.25, financial: 0.25 })
    .describe("weights of the four components of a health score; must sum to 1"),
  quotas: z
    .strictObject({ reports: quota, mails: quota, jobs: quota })
    .default({ reports: 120, mails: 300, jobs: 120 })
    .describe("how many reports a user may generate, mails send and jobs start in an hour"),
  throttle: throttle.default({ rate: 100, burst: 200 }).describe("requests that the gateway lets through"),
  // One bcrypt comparison keeps a function busy for some 200 ms: log-ins are the cheapest way to flood us.
  loginThrottle: throttle.default({ rate: 10, burst: 20 }).describe("the same for log-ins"),
  // Ten years at most: a wrong unit shows.
  reportRetentionDays: z
    .int()
    .min(1)
    .max(3650)
    .default(400)
    .describe(
      "1 to 3650: how long a report is kept, its file in the bucket and its line in the history. A change holds for files at once, for lines of reports from then on",
    ),
  auditRetentionDays: z
    .int()
    .min(1)
    .max(3650)
    .default(400)
    .describe(
      "1 to 3650: how long an entry of the audit trail is kept. A change holds for entries from then on",
    ),
  // A year at most: a wrong unit shows.
  sessionDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe("1 to 365: after how many days people have to sign in again, however often they come"),
  // At least twice as long as a refresh token lasts: nobody is logged out. A thousand is Secrets Manager's own limit.
  keyRotationDays: z
    .int()
    .min(14)
    .max(1000)
    .default(90)
    .describe(
      "14 to 1000: after how many days the keys that sign tokens are changed. Nobody is signed out by it",
    ),
  ownKey: z
    .enum(["prepared", "used"])
    .optional()
    .describe(
      "a KMS key of our own instead of AWS's, $1 a month and its calls ([more](#a-key-of-our-own)). `used`: table, files, signing keys, dead letters and logs are encrypted with it. `prepared`: it is there and functions may use it, and what is written is encrypted with AWS's keys: the step before, and the way back",
    ),
  tracing: z
    .boolean()
    .default(false)
    .describe(
      "whether X-Ray records requests: the first of each second and a twentieth of the rest, $5 a million",
    ),
  logLevel: z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO").describe("of the functions' logs"),
  logRetentionDays: retentionDays.default(14).describe("how long logs are kept"),
});

/** One that is served by `npm start` alone. */
export const LOCAL = "local";
/** One that refuses to be made with less than what production needs. */
export const PRODUCTION = "prod";

/** Everything that differs from stage to stage. */
export interface Stage extends z.output<typeof StageSettings> {
  readonly name: string;
  readonly edge: boolean;
  readonly canary: Canary;
  /** `success-manager-<stage>-<part>`: the physical name of a part of this stage. */
  readonly named: (part?: string) => string;
  /** The name of a generation of the table. The first one has no number. */
  readonly tableName: (generation: number) => string;
}

/** How traffic moves to new versions. */
type Canary = NonNullable<z.output<typeof StageSettings>["canary"]>;

/** What follows from the stage's name where its file has no word of it. */
const followed = (name: string, { edge, canary }: z.output<typeof StageSettings>) => ({
  edge: edge ?? name === PRODUCTION,
  canary: canary ?? (name === PRODUCTION ? ("Canary10Percent5Minutes" as const) : ("AllAtOnce" as const)),
});

/** What a stage of this name needs together, and production beside that. */
const checked = (name: string) =>
  StageSettings.superRefine((settings, context) => {
    const { alarmEmail, mail, corsOrigins, disposable, region, domain, publicUrl, oidc } = settings;
    const { edge } = followed(name, settings);
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: path.split("."), message });
    const { tableGeneration, keptTables, backup } = settings;
    if (keptTables.includes(tableGeneration)) refuse("keptTables", "names the table that serves");
    if (new Set(keptTables).size < keptTables.length) refuse("keptTables", "names a table twice");
    // CloudFormation can't delete a vault that holds something.
    if (backup !== undefined && disposable) refuse("backup", "would outlive a disposable stage");
    if (oidc?.clientSecret !== undefined && name !== LOCAL)
      refuse("oidc.clientSecret", "is for npm start alone: put it into Secrets Manager, and its ARN here");
    if (oidc && !oidc.issuer.startsWith("https://") && name !== LOCAL)
      refuse("oidc.issuer", "must begin with https://");
    if (edge && region === undefined) refuse("region", "an edge needs to know where the gateway is");
    if (domain && !edge) refuse("domain", "is a name of the edge: set edge to true");
    if (domain && publicUrl !== undefined) refuse("publicUrl", "follows from domain: leave it out");
    if (domain?.originCertificateArn !== undefined && regionOf(domain.originCertificateArn) !== region)
      refuse("domain.originCertificateArn", "must be of the stage's region");
    if (name !== PRODUCTION) return;
    if (alarmEmail === undefined) refuse("alarmEmail", "production needs somebody who is told of alarms");
    if (mail === undefined)
      refuse("mail", 'production needs a sender of mails: {"from": "success@example.com"}');
    if (disposable) refuse("disposable", "production data is not disposable");
    if (corsOrigins.some((origin) => !origin.startsWith("https://")))
      refuse("corsOrigins", "production is called by pages with TLS alone: https://…");
  });

/** Where its stacks go, if it says so; otherwise where the shell says. */
export const regional = ({ region }: Stage) => (region === undefined ? {} : { env: { region } });

const folder = join(import.meta.dirname, "stages");
const fileOf = (name: string) => `infra/stages/${name}.json`;

/** Names of the stages that have a file. */
export const stageNames = (): string[] =>
  readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []));

/** The settings of a stage as its file has them. @throws naming the stages that there are */
export function readSettings(name: string): unknown {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name))
    throw new Error(`stage ${name}: must be up to 20 lower-case letters, digits and dashes`);
  // `success-manager-prod-2` is the second table of prod.
  if (/-\d+$/.test(name)) throw new Error(`stage ${name}: must not end in a dash and a number`);
  if (!stageNames().includes(name))
    throw new Error(`stage ${name}: there is no ${fileOf(name)}. There are: ${stageNames().join(", ")}`);
  const text = readFileSync(join(folder, `${name}.json`), "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${fileOf(name)}: is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** `BACKEND_CORS_ORIGINS`, comma separated or a JSON array, counts for `npm start` only. */
const localOrigins = (setting = process.env.BACKEND_CORS_ORIGINS) => {
  if (!setting) return {};
  return { corsOrigins: setting.trim().startsWith("[") ? JSON.parse(setting) : setting.split(",") };
};

/** `OIDC_PROVIDER`, the setting `oidc` as JSON, counts for `npm start` only. */
const localProvider = (setting = process.env.OIDC_PROVIDER) => (setting ? { oidc: JSON.parse(setting) } : {});

/**
 * A stage with these settings.
 *
 * @throws naming every setting that is missing, unknown or not usable
 */
export function stageOf(name: string, settings: unknown): Stage {
  const given =
    name === LOCAL && typeof settings === "object"
      ? { ...settings, ...localOrigins(), ...localProvider() }
      : settings;
  const parsed = checked(name).safeParse(given);
  if (!parsed.success) throw new Error(`${fileOf(name)}:\n${z.prettifyError(parsed.error)}`);
  const named = (part?: string) => ["success-manager", name, ...(part === undefined ? [] : [part])].join("-");
  return {
    ...parsed.data,
    ...followed(name, parsed.data),
    name,
    named,
    tableName: (generation) => named(generation === 1 ? undefined : String(generation)),
  };
}
