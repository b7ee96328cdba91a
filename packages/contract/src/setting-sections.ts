import * as z from "zod";
import { contrast, LEAST_CONTRAST, legible, luminance, toColor } from "./color.ts";
import {
  count,
  email,
  line,
  optionalLine,
  pictureAddress,
  recipients,
  timestamp,
  wholeNumber,
} from "./values.ts";
import { ReasonId, Severity, type TicketPriority, UNSPECIFIED } from "./vocabulary.ts";

/** What an admin sets for the whole team, in sections. What nobody has set is as decision 16 and others say. */

/** A rule that two settings of a section break together. */
interface Contradiction {
  readonly field: string;
  readonly message: string;
}

/** What of a section the use cases need. */
export interface Section<V> {
  /** What each setting is until somebody sets it. */
  readonly defaults: Readonly<V>;
  /** The section's settings from what is stored of it: nothing, a part, or what an older version allowed. */
  read(stored: Readonly<Record<string, unknown>> | undefined): V;
  contradictions(values: V): readonly Contradiction[];
  /** What of the settings before stays, though a change has left it out; nothing when absent. */
  readonly keep?: (before: V, after: V) => V;
}

type Nullish<S extends Readonly<Record<string, z.ZodType>>> = {
  [K in keyof S]: z.ZodOptional<z.ZodNullable<S[K]>>;
};

/**
 * A section of the settings.
 *
 * @param name in the docs: `Alert` makes `AlertSettings` and `AlertSettingsChanges`
 * @param values what each setting may be
 */
function section<S extends Readonly<Record<string, z.ZodType>>>(
  name: string,
  values: z.ZodObject<S>,
  defaults: z.output<z.ZodObject<S>>,
  contradictions: (values: z.output<z.ZodObject<S>>) => readonly Contradiction[] = () => [],
  keep?: Section<z.output<z.ZodObject<S>>>["keep"],
) {
  const fields = Object.entries<z.ZodType>(values.shape);
  const initial = new Map<string, unknown>(Object.entries(defaults));
  const nullish = Object.fromEntries(
    fields.map(([key, field]) => [key, field.nullish().meta({ description: field.description })]),
  );
  return {
    defaults,
    contradictions,
    ...(keep && { keep }),
    read: (stored: Readonly<Record<string, unknown>> = {}): z.output<z.ZodObject<S>> =>
      values.parse(
        Object.fromEntries(
          fields.map(([key, field]) => {
            const { success, data } = field.safeParse(stored[key]);
            return [key, success ? data : initial.get(key)];
          }),
        ),
      ),
    /** An absent key stays; null brings the default back. */
    changes: z.object(nullish as Nullish<S>).meta({ id: `${name}SettingsChanges` }),
    answer: z
      .object({
        ...values.shape,
        updated_at: timestamp.nullable().meta({ description: "null as long as nobody has set anything" }),
        updated_by: z.string().nullable().meta({ description: "Name of who changed it last" }),
        revision: count.meta({ description: "Grows with each change; equals the ETag" }),
      })
      .meta({ id: `${name}Settings` }),
  };
}

/** Says of settings that must not grow from one to the next where they do. */
const descending =
  <V extends object>(...rows: readonly (readonly (keyof V & string)[])[]) =>
  (values: V): Contradiction[] =>
    rows.flatMap((row) =>
      row.flatMap((field, n) => {
        const above = row[n - 1];
        const grows = above !== undefined && values[field] > values[above];
        return grows ? [{ field, message: `must not be above ${above}` }] : [];
      }),
    );

const points = (min: number, max: number, description: string) => wholeNumber(min, max).meta({ description });
const days = (description: string) => wholeNumber(1, 730).meta({ description });

const alertValues = z.object({
  health_score_threshold: points(0, 100, "Overall scores below it open an alert, high"),
  health_score_critical_threshold: points(0, 100, "Overall scores below it open a critical one"),
  health_drop_points: points(1, 100, "A component that falls by so many points opens one, medium"),
  contract_expiry_days: days("Contracts that end within so many days open an alert, low"),
  contract_expiry_medium_days: days("From so many days on it is medium"),
  contract_expiry_high_days: days("From so many days on it is high"),
  contract_expiry_critical_days: days("From so many days on it is critical"),
  license_expiry_days: days("Licenses in use that end within so many days open an alert, medium"),
  license_expiry_high_days: days("From so many days on it is high"),
  license_expiry_critical_days: days("From so many days on it is critical"),
  inactivity_days: days("Customers without an interaction for so many days open an alert, medium"),
  inactivity_high_days: days("From so many days on it is high"),
  recipients: recipients(0).meta({ description: "Who gets mails about new alerts" }),
  notify_severity: Severity.meta({ description: "New alerts that are less severe are not mailed" }),
});
export type AlertSettings = z.output<typeof alertValues>;

/** Decision 16. */
export const alerts = section(
  "Alert",
  alertValues,
  {
    health_score_threshold: 60,
    health_score_critical_threshold: 40,
    health_drop_points: 15,
    contract_expiry_days: 90,
    contract_expiry_medium_days: 60,
    contract_expiry_high_days: 30,
    contract_expiry_critical_days: 7,
    license_expiry_days: 30,
    license_expiry_high_days: 14,
    license_expiry_critical_days: 7,
    inactivity_days: 30,
    inactivity_high_days: 60,
    recipients: [],
    notify_severity: "high",
  },
  descending<AlertSettings>(
    ["health_score_threshold", "health_score_critical_threshold"],
    ["contract_expiry_medium_days", "contract_expiry_high_days", "contract_expiry_critical_days"],
    ["license_expiry_high_days", "license_expiry_critical_days"],
  ),
);

const reportValues = z.object({
  footer_text: optionalLine(100).meta({ description: "Printed at the foot of reports and their mails" }),
  logo_url: z
    .preprocess((address) => (address === "" ? null : address), pictureAddress.nullable())
    .meta({ description: "Shown in mails by the reader's mail program; https" }),
  default_recipients: recipients(0).meta({
    description: "Who gets the reports of a schedule that names nobody",
  }),
});
export type ReportSettings = z.output<typeof reportValues>;

export const reports = section("Report", reportValues, {
  footer_text: null,
  logo_url: null,
  default_recipients: [],
});

/** The ground of cards, tiles and zebra rows: what can be read there can be read on white. */
export const PALE = "#eef2f0";
const BLACK = "#000000";

const brandingValues = z.object({
  organization_name: optionalLine(80).meta({
    description: "Who asks and reports: in mails, on the survey page, in reports. null: the stage's",
  }),
  accent_color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, "must be a color such as #1f6f50")
    .overwrite((color) => color.toLowerCase())
    .nullable()
    .meta({
      description:
        "Of buttons, links and headings. Text in it has a contrast of at least 4.5 on light ground; on dark ground a lighter one is made of it. null: green",
      override: { type: ["string", "null"], pattern: "^#[0-9a-fA-F]{6}$" },
    }),
  logo: z
    .string()
    .regex(/^[0-9a-f]{64}\.png$/, "must be the name of an uploaded logo")
    .nullable()
    .meta({ description: "A picture that was uploaded (`POST /settings/branding/logos`); null for none" }),
  reply_to: email
    .nullable()
    .meta({ description: "Where answers to mails go. null: the stage's, else the sender's address" }),
  footer_text: optionalLine(200).meta({ description: "Stands below mails, survey pages and reports" }),
});
export type BrandingSettings = z.output<typeof brandingValues>;

/** Who is seen to ask and to report. */
export const branding = section(
  "Branding",
  brandingValues,
  { organization_name: null, accent_color: null, logo: null, reply_to: null, footer_text: null },
  ({ accent_color }) => {
    const color = accent_color && toColor(accent_color);
    if (!color || contrast(luminance(color), luminance(PALE)) >= LEAST_CONTRAST) return [];
    const message = `is too light to be read; ${legible(color, PALE, BLACK)} would do`;
    return [{ field: "accent_color", message }];
  },
);

const ELSE_ALERTS = "When empty, the recipients of /settings/alerts";

const notificationValues = z.object({
  email_enabled: z.boolean().meta({ description: "`false` stops all of these mails" }),
  alert_digest: z.boolean().meta({ description: "After the daily checks, one mail about new alerts" }),
  alert_digest_recipients: recipients(0).meta({ description: ELSE_ALERTS }),
  escalation: z.boolean().meta({ description: "At once, when a customer escalates" }),
  escalation_recipients: recipients(0).meta({ description: ELSE_ALERTS }),
  low_score: z.boolean().meta({ description: "At once, when a customer answers a survey with a low score" }),
  low_score_recipients: recipients(0).meta({ description: ELSE_ALERTS }),
});
export type NotificationSettings = z.output<typeof notificationValues>;

export const notifications = section("Notification", notificationValues, {
  email_enabled: true,
  alert_digest: true,
  alert_digest_recipients: [],
  escalation: true,
  escalation_recipients: [],
  low_score: true,
  low_score_recipients: [],
});

const hours = (what: string, priority: TicketPriority) =>
  z
    .number("must be a number")
    .min(0.25, "must be at least 0.25")
    .max(2_160, "must be at most 2160")
    .multipleOf(0.25, "must be a whole number of quarter hours")
    .meta({ description: `Hours until ${what} of \`${priority}\`, day and night` });
const answered = (priority: TicketPriority) => hours("the first response to a ticket", priority);
const resolved = (priority: TicketPriority) => hours("the resolution of a ticket", priority);

const ticketValues = z.object({
  critical_first_response_hours: answered("critical"),
  critical_resolution_hours: resolved("critical"),
  high_first_response_hours: answered("high"),
  high_resolution_hours: resolved("high"),
  medium_first_response_hours: answered("medium"),
  medium_resolution_hours: resolved("medium"),
  low_first_response_hours: answered("low"),
  low_resolution_hours: resolved("low"),
});
export type TicketSettings = z.output<typeof ticketValues>;

export const tickets = section(
  "Ticket",
  ticketValues,
  {
    critical_first_response_hours: 1,
    critical_resolution_hours: 8,
    high_first_response_hours: 4,
    high_resolution_hours: 24,
    medium_first_response_hours: 8,
    medium_resolution_hours: 72,
    low_first_response_hours: 24,
    low_resolution_hours: 120,
  },
  descending<TicketSettings>(
    ["low_resolution_hours", "low_first_response_hours"],
    ["medium_resolution_hours", "medium_first_response_hours"],
    ["high_resolution_hours", "high_first_response_hours"],
    ["critical_resolution_hours", "critical_first_response_hours"],
    [
      "low_first_response_hours",
      "medium_first_response_hours",
      "high_first_response_hours",
      "critical_first_response_hours",
    ],
    ["low_resolution_hours", "medium_resolution_hours", "high_resolution_hours", "critical_resolution_hours"],
  ),
);

const securityValues = z.object({
  second_factor_required_for: z.enum(["nobody", "admins", "everybody"]).meta({
    description:
      "Who has to have a second factor. Without one, they can do nothing but set one up: from their next sign-in on, and where they are signed in, within 30 minutes",
  }),
});
export type SecuritySettings = z.output<typeof securityValues>;

/** How people get in. */
export const security = section("Security", securityValues, { second_factor_required_for: "nobody" });

/** Of a level, archived ones included. */
const MAX_REASONS = 100;

const reason = {
  id: ReasonId.meta({ description: "What outcomes keep; it never changes" }),
  label: line(80),
  archived: z
    .boolean()
    .default(false)
    .meta({ description: "Not for new outcomes; those that name it stay as they are" }),
};

const Reason = z.object(reason).meta({ id: "OutcomeReason" });
const ReasonTree = z
  .object({ ...reason, children: z.array(Reason).max(MAX_REASONS).default([]) })
  .meta({ id: "OutcomeReasonGroup" });
type Reason = z.output<typeof Reason>;
type ReasonTree = z.output<typeof ReasonTree>;

const outcomeValues = z.object({
  reasons: z.array(ReasonTree).min(1, "must not be empty").max(MAX_REASONS).meta({
    description: "Two levels. What is left out is archived at the end of its group, never deleted",
  }),
});
export type OutcomeSettings = z.output<typeof outcomeValues>;

/** `price`, "Price", and what is below it as `price_budget`, "Budget cut". */
const reasonGroup = (
  id: string,
  label: string,
  children: Readonly<Record<string, string>> = {},
): ReasonTree => ({
  id,
  label,
  archived: false,
  children: Object.entries(children).map(([key, child]) => ({
    id: `${id}_${key}`,
    label: child,
    archived: false,
  })),
});

const archived = <R extends Reason>(one: R): R => ({ ...one, archived: true });

/** Those that are named, and behind them those that were there before, archived. */
function keptReasons(
  { reasons: before }: OutcomeSettings,
  { reasons: after }: OutcomeSettings,
): OutcomeSettings {
  const named = new Set(after.flatMap(({ id, children }) => [id, ...children.map((child) => child.id)]));
  const left = <R extends Reason>(all: readonly R[]) => all.filter(({ id }) => !named.has(id)).map(archived);
  const formerOf = new Map(before.map((one) => [one.id, one]));
  const leftOf = ({ id }: Reason) => left(formerOf.get(id)?.children ?? []);
  const kept = after.map((one) => ({
    ...one,
    // Also of a group that has become one of its reasons.
    children: [...one.children, ...leftOf(one), ...one.children.flatMap(leftOf)],
  }));
  const gone = left(before).map((one) => ({ ...one, children: left(one.children) }));
  return { reasons: [...kept, ...gone] };
}

/** Why outcomes came about, in two levels (decision 51). */
export const outcomeReasons = section(
  "Outcome",
  outcomeValues,
  {
    reasons: [
      reasonGroup("product", "Product", {
        missing_feature: "Missing feature",
        quality: "Bugs and outages",
        usability: "Hard to use",
        low_usage: "Not used enough",
        replaced: "Replaced by another product",
      }),
      reasonGroup("price", "Price", {
        budget: "Budget cut",
        value: "Too little for the money",
        competitor: "Cheaper offer",
        increase: "Price increase",
      }),
      reasonGroup("service", "Service", {
        support: "Support",
        onboarding: "Onboarding",
        relationship: "Relationship with the account team",
      }),
      reasonGroup("company", "Changes of the company", {
        acquired: "Acquired or merged",
        closed: "Out of business",
        strategy: "Change of strategy",
        sponsor_left: "Sponsor left",
        growth: "Growth",
        downsizing: "Downsizing",
      }),
      reasonGroup("contract", "Contract", {
        payment: "Unpaid",
        breach: "Breach of contract",
        trial_ended: "Trial ended",
      }),
      reasonGroup("adoption", "Adoption", {
        more_users: "More users",
        more_products: "More products",
        goals_met: "Goals met",
      }),
      reasonGroup(UNSPECIFIED, "Not specified"),
    ],
  },
  ({ reasons }) => {
    const ids = reasons.flatMap(({ id, children }) => [id, ...children.map((child) => child.id)]);
    const twice = ids.find((id, n) => ids.indexOf(id) !== n);
    if (twice !== undefined) return [{ field: "reasons", message: `must not name the id ${twice} twice` }];
    if ([reasons, ...reasons.map(({ children }) => children)].some(({ length }) => length > MAX_REASONS))
      return [
        { field: "reasons", message: `must be at most ${MAX_REASONS} of a level, archived ones included` },
      ];
    const unspecified = reasons.find(({ id }) => id === UNSPECIFIED);
    return unspecified && !unspecified.archived
      ? []
      : [{ field: "reasons", message: `must hold ${UNSPECIFIED} on the upper level, not archived` }];
  },
  keptReasons,
);

/** The settings of each section. A new section: its values here and in `SECTIONS`, and two endpoints. */
export interface SettingsBySection {
  readonly alerts: AlertSettings;
  readonly reports: ReportSettings;
  readonly branding: BrandingSettings;
  readonly notifications: NotificationSettings;
  readonly tickets: TicketSettings;
  readonly security: SecuritySettings;
  readonly outcomes: OutcomeSettings;
}
export type SectionName = keyof SettingsBySection;

export const SECTIONS: { readonly [S in SectionName]: Section<SettingsBySection[S]> } = {
  alerts,
  reports,
  branding,
  notifications,
  tickets,
  security,
  outcomes: outcomeReasons,
};

/** A section as the API answers it. */
export type SettingsAnswer<S extends SectionName> = SettingsBySection[S] & {
  updated_at: string | null;
  updated_by: string | null;
  revision: number;
};

/** What a caller changes of a section: an absent key stays, null brings the default back (decision 9). */
export type SettingsChanges<S extends SectionName> = {
  readonly [K in keyof SettingsBySection[S]]?: SettingsBySection[S][K] | null | undefined;
};
