import { toAsciiEmail } from "@success-manager/contract/email";
import { email } from "@success-manager/contract/values";
import type { App } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as z from "zod";

/** Everything that differs from stage to stage. */
export interface Stage {
  readonly name: string;
  /** `success-manager-<stage>-<part>`: the physical name of a part of this stage. */
  readonly named: (part?: string) => string;
  /** Whether `cdk destroy` may take the data along. */
  readonly disposable: boolean;
  readonly logRetention: RetentionDays;
  readonly logLevel: string;
  /** Requests a second, and how many may come at once. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  readonly loginThrottle: { readonly rate: number; readonly burst: number };
  /** In which time zone schedules are written. */
  readonly timezone: string;
  /** Who sends mail, and where answers go if not there; no mail is sent when absent. */
  readonly mail: { readonly from: string; readonly replyTo: string | undefined } | undefined;
  /** Where people reach the API, when that is not the gateway's own name: an origin. */
  readonly publicUrl: string | undefined;
  /** Where alarms are sent; nobody is told when absent. */
  readonly alarmEmail: string | undefined;
  /** How long a report is kept, in the bucket and in the history. */
  readonly reportRetentionDays: number;
  /** What a user may do in an hour. */
  readonly quotas: Readonly<Record<string, number>>;
  /** After how many days people have to sign in again. */
  readonly sessionDays: number;
  /** Weights of the four components of a health score. */
  readonly healthWeights: Readonly<Record<string, number>>;
}

const quota = z.coerce.number().int().min(1);
const weight = z.coerce.number().min(0).max(1);

/** AWS takes international domains in punycode. */
const address = email.transform(toAsciiEmail);

const settings = z.object({
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, "must be up to 20 lower-case letters, digits and dashes")
    .default("dev"),
  disposable: z.union([z.boolean(), z.stringbool()]).default(false),
  timezone: z
    .string()
    .refine((zone) => Intl.supportedValuesOf("timeZone").concat("UTC").includes(zone), "is no time zone")
    .default("UTC"),
  "log-level": z.enum(["DEBUG", "INFO", "WARN", "ERROR"]).default("INFO"),
  "alarm-email": address.optional(),
  "mail-from": address.optional(),
  "mail-reply-to": address.optional(),
  "public-url": z
    .url({ protocol: /^https$/ })
    .refine((url) => new URL(url).origin === url, "must be an origin like https://api.example.com")
    .optional(),
  // Ten years at most: a wrong unit shows.
  "report-retention-days": z.coerce.number().int().min(1).max(3650).default(400),
  quotas: z
    .preprocess(
      (value) => (typeof value === "string" ? JSON.parse(value) : value),
      z.strictObject({ reports: quota, mails: quota, jobs: quota }),
    )
    .default({ reports: 120, mails: 300, jobs: 120 }),
  // A year at most: a wrong unit shows.
  "session-days": z.coerce.number().int().min(1).max(365).default(30),
  "health-weights": z
    .preprocess(
      (value) => (typeof value === "string" ? JSON.parse(value) : value),
      z.strictObject({ adoption: weight, engagement: weight, support: weight, financial: weight }),
    )
    .refine((parts) => Math.abs(sum(Object.values(parts)) - 1) < 1e-9, "must sum to 1")
    .default({ adoption: 0.25, engagement: 0.25, support: 0.25, financial: 0.25 }),
});

/**
 * Reads the stage from the app's context (`--context stage=prod`); the keys are listed in docs/deploy.md.
 * Throws when a value is not usable, naming the key.
 */
export function readStage(app: App): Stage {
  const given = Object.keys(settings.shape).map((key) => [key, app.node.tryGetContext(key)]);
  const parsed = settings.safeParse(Object.fromEntries(given));
  if (!parsed.success) throw new Error(`--context: ${z.prettifyError(parsed.error)}`);
  const { stage: name, disposable, timezone, "mail-from": from } = parsed.data;
  const isProduction = name === "prod";
  if (isProduction && disposable) throw new Error("--context disposable: production data is not disposable");
  return {
    name,
    named: (part) => ["success-manager", name, ...(part === undefined ? [] : [part])].join("-"),
    disposable,
    logRetention: isProduction ? RetentionDays.THREE_MONTHS : RetentionDays.TWO_WEEKS,
    logLevel: parsed.data["log-level"],
    throttle: isProduction ? { rate: 500, burst: 1000 } : { rate: 100, burst: 200 },
    // One bcrypt comparison keeps a function busy for some 400 ms: log-ins are the cheapest way to flood us.
    loginThrottle: isProduction ? { rate: 20, burst: 40 } : { rate: 10, burst: 20 },
    timezone,
    mail: from === undefined ? undefined : { from, replyTo: parsed.data["mail-reply-to"] },
    publicUrl: parsed.data["public-url"],
    alarmEmail: parsed.data["alarm-email"],
    reportRetentionDays: parsed.data["report-retention-days"],
    quotas: parsed.data.quotas,
    sessionDays: parsed.data["session-days"],
    healthWeights: parsed.data["health-weights"],
  };
}

const DEFAULT_ORIGINS = "http://localhost:5173,http://localhost:3000";

/**
 * The web origins that may call the API from a browser: `BACKEND_CORS_ORIGINS`, comma separated or a JSON array.
 * Throws when an entry is no origin: a wildcard would let any page use a signed-in visitor's session.
 */
export function corsOrigins(setting = process.env.BACKEND_CORS_ORIGINS || DEFAULT_ORIGINS): string[] {
  const entries: unknown = setting.trim().startsWith("[") ? JSON.parse(setting) : setting.split(",");
  if (!Array.isArray(entries)) throw new Error("BACKEND_CORS_ORIGINS: must be a list of origins");
  return entries.map((entry) => {
    const origin = String(entry).trim().replace(/\/$/, "");
    if (!/^https?:\/\/[^*]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(
        `BACKEND_CORS_ORIGINS: "${origin}" is no origin; write one like https://app.example.com`,
      );
    }
    return origin;
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
