/** What a replay has shown: warnings, who left with and without one, and false alarms. Pure. */
import { uniqueForm } from "@success-manager/contract/text";
import type { AlertType, HealthRisk, Severity } from "@success-manager/contract/vocabulary";
import { daysAfter, daysBetween, isoWeek } from "@success-manager/domain/calendar";
import { type CustomerHistory, type OutcomeRow, type Plan, spellsOf } from "./history.ts";

/**
 * What counts as a warning (decision 65): on a day, an open alert of one of these severities, or a score in one of
 * these bands. Alerts of the types in `calendar` don't: everybody whose contract ends gets them.
 */
export const WARNING = {
  severities: ["high", "critical"],
  bands: ["high", "critical"],
  calendar: ["contract_expiry"],
} as const satisfies {
  readonly severities: readonly Severity[];
  readonly bands: readonly HealthRisk[];
  readonly calendar: readonly AlertType[];
};

/** The same as a sentence. */
export const WARNING_SENTENCE =
  "A warning is an open alert that is high or critical, or a health score in one of these bands. Alerts about contracts and licenses that end are none: everybody gets them.";

/** What is to be seen of a customer on a day. */
export interface Sight {
  readonly band: HealthRisk | null;
  readonly score: number | null;
  /** Open ones that are high or critical. */
  readonly alerts: readonly {
    readonly alert_type: AlertType;
    readonly severity: Severity;
    readonly title: string;
  }[];
}

/** Days on which a warning stood without a break. */
export interface Episode {
  readonly start: string;
  /** The last day on which it stood. */
  readonly last: string;
  /** What was said on its first day. */
  readonly said: string;
}

/** What was seen of a customer from the first day to the last. */
export interface Seen {
  readonly episodes: readonly Episode[];
  /** Days on which the band was unknown without a break, and days on which a contract or license was told to end. */
  readonly unknown: readonly Episode[];
  readonly reminded: readonly Episode[];
}

export interface Observed {
  readonly seen: ReadonlyMap<CustomerHistory, Seen>;
  /** Mails about alerts, by manager (unique form of the name; empty for all without one). */
  readonly mails: ReadonlyMap<string, number>;
}

/** Why somebody is warned of, the most severe first; empty without a reason. */
export function reasonsOf({ band, score, alerts }: Sight): readonly string[] {
  const calendar: readonly AlertType[] = WARNING.calendar;
  const rank = (severity: Severity) => (severity === "critical" ? 0 : 1);
  const titles = alerts
    .filter(
      ({ alert_type, severity }) =>
        !calendar.includes(alert_type) && (WARNING.severities as readonly Severity[]).includes(severity),
    )
    .sort((a, b) => rank(a.severity) - rank(b.severity) || (a.title < b.title ? -1 : 1))
    .map(({ title }) => title);
  const isLow = band !== null && (WARNING.bands as readonly HealthRisk[]).includes(band);
  const isSaid = alerts.some(({ alert_type, title }) => alert_type === "health_drop" && title !== "");
  return [...new Set([...titles, ...(isLow && !isSaid ? [`Health score ${score}: ${band}`] : [])])];
}

/** Takes in what is seen day by day; a day without a customer ends what stood. */
export function createObserver({ customers }: Pick<Plan, "customers">) {
  const kinds = ["episodes", "unknown", "reminded"] as const;
  type Kind = (typeof kinds)[number];
  const seen = new Map(
    customers.map((customer) => [
      customer,
      { episodes: [], unknown: [], reminded: [] } as Record<Kind, Episode[]>,
    ]),
  );
  const mails = new Map<string, number>();
  const calendar: readonly AlertType[] = WARNING.calendar;
  const note = (all: Episode[], day: string, said: string | undefined) => {
    if (said === undefined) return;
    const last = all.at(-1);
    if (last && daysAfter(last.last, 1) === day) all[all.length - 1] = { ...last, last: day };
    else all.push({ start: day, last: day, said });
  };
  return {
    see(
      day: string,
      sights: ReadonlyMap<CustomerHistory, Sight>,
      mailed: ReadonlyMap<string, number> = new Map(),
    ) {
      for (const [customer, sight] of sights) {
        const of = seen.get(customer);
        if (!of) continue;
        const reasons = reasonsOf(sight);
        note(of.episodes, day, reasons.length > 0 ? reasons.join(". ") : undefined);
        note(of.unknown, day, sight.band === "unknown" ? "unknown" : undefined);
        const ending = sight.alerts.find(({ alert_type }) => calendar.includes(alert_type));
        note(of.reminded, day, ending?.title);
      }
      for (const [manager, count] of mailed) mails.set(manager, (mails.get(manager) ?? 0) + count);
    },
    observed: (): Observed => ({ seen, mails }),
  };
}

/** Who left, and what was said of them before. */
export interface Loss {
  readonly customer: string;
  readonly company_name: string;
  readonly account_manager: string | null;
  readonly effective_on: string;
  readonly notice_on: string | null;
  readonly reason: string;
  /** `warned`: a warning stood until they left. `withdrawn`: there was one, and it went away again. */
  readonly warning: "warned" | "withdrawn" | "none";
  /** First day of the warning that stood until they left, or of the last one that did not. */
  readonly first_warning_on: string | null;
  readonly said: string | null;
  /** From the first day of the warning that stood to the day on which they left. */
  readonly lead_days: number | null;
  /** The same to the day on which they gave notice; below 0 when the warning came after it. */
  readonly lead_days_before_notice: number | null;
  /** Warnings that went away again. */
  readonly withdrawn_warnings: number;
  /** Since when too little had been known to say how they were, until they left. */
  readonly unknown_since: string | null;
  /** Since when the end of a contract or license was told as high or critical, until they left. */
  readonly reminded_since: string | null;
}

export interface ManagerResult {
  readonly account_manager: string | null;
  readonly customers: number;
  readonly lost: number;
  readonly warnings: number;
  readonly right: number;
  readonly false_alarms: number;
  readonly undecided: number;
  readonly false_alarms_per_week: number;
  /** False alarms by the ISO week of their first day; weeks without any are left out. */
  readonly weeks: Readonly<Record<string, number>>;
  readonly mails: number;
}

export interface ReplayResult {
  readonly from: string;
  readonly to: string;
  readonly horizon_days: number;
  readonly handled_after_days: number;
  readonly scoring: { readonly name: string; readonly version: number };
  readonly warning: string;
  readonly customers: number;
  readonly lost: readonly Loss[];
  readonly warned: number;
  readonly withdrawn: number;
  readonly unwarned: number;
  readonly warned_before_notice: number;
  readonly median_lead_days: number | null;
  readonly warnings: number;
  readonly right: number;
  readonly false_alarms: number;
  readonly undecided: number;
  /** `right` of those that are decided; null without any. */
  readonly precision: number | null;
  /** `warned` of those who left; null when nobody did. */
  readonly recall: number | null;
  readonly false_alarms_per_manager_week: number;
  readonly weeks: readonly {
    readonly week: string;
    readonly right: number;
    readonly false_alarms: number;
    /** Whether the horizon of all of its days is over when the replay ends. */
    readonly is_decided: boolean;
  }[];
  readonly managers: readonly ManagerResult[];
  readonly mails: number;
}

const byName = new Intl.Collator("en", { numeric: true });
const share = (part: number, of: number) => (of === 0 ? null : Math.round((1000 * part) / of) / 1000);
const round = (value: number) => Math.round(value * 100) / 100;

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below, above] = [sorted[middle - 1], sorted[middle]];
  if (above === undefined) return null;
  return sorted.length % 2 === 0 && below !== undefined ? (below + above) / 2 : above;
}

/** What was told of a departure. @param from days before it say nothing: that is where the replay or the spell began */
function lossOf(customer: CustomerHistory, departure: OutcomeRow, from: string, seen: Seen): Loss {
  const { effective_on, notice_on = null } = departure;
  const eve = daysAfter(effective_on, -1);
  const within = (all: readonly Episode[]) => all.filter(({ start, last }) => start >= from && last <= eve);
  const episodes = within(seen.episodes);
  const standing = (all: readonly Episode[]) => within(all).find(({ last }) => last === eve);
  const stood = standing(seen.episodes);
  const first = stood ?? episodes.at(-1);
  return {
    customer: customer.customer,
    company_name: customer.company_name,
    account_manager: customer.account_manager ?? null,
    effective_on,
    notice_on,
    reason: departure.note ?? departure.reason ?? "unspecified",
    warning: stood ? "warned" : first ? "withdrawn" : "none",
    first_warning_on: first?.start ?? null,
    said: first?.said ?? null,
    lead_days: stood ? daysBetween(stood.start, effective_on) : null,
    lead_days_before_notice: stood && notice_on !== null ? daysBetween(stood.start, notice_on) : null,
    withdrawn_warnings: episodes.length - (stood ? 1 : 0),
    unknown_since: standing(seen.unknown)?.start ?? null,
    reminded_since: standing(seen.reminded)?.start ?? null,
  };
}

type Verdict = "right" | "false_alarms" | "undecided";

/** Whether somebody left within the horizon of a warning's first day; undecided where the replay ends before. */
function verdictOf(customer: CustomerHistory, start: string, horizon: number, to: string): Verdict {
  const until = daysAfter(start, horizon);
  const left = customer.outcomes.some(
    ({ kind, effective_on }) => kind === "churned" && effective_on > start && effective_on <= until,
  );
  if (left) return "right";
  return until > to ? "undecided" : "false_alarms";
}

/** Counts what was observed. */
export function judge(
  { from, to, customers }: Pick<Plan, "from" | "to" | "customers">,
  { seen, mails, version }: Observed & { readonly version: number },
  settings: { readonly name: string; readonly horizon: number; readonly handledAfter: number },
): ReplayResult {
  const { name, horizon, handledAfter } = settings;
  const nothing: Seen = { episodes: [], unknown: [], reminded: [] };
  const weeks = new Map<string, { right: number; false_alarms: number; is_decided: boolean }>();
  for (let day = from; day <= to; day = daysAfter(day, 1))
    weeks.set(isoWeek(day), { right: 0, false_alarms: 0, is_decided: daysAfter(day, horizon) <= to });
  const counts = () => ({ right: 0, false_alarms: 0, undecided: 0 });
  const all = counts();
  const managers = new Map<
    string,
    {
      name: string | null;
      customers: number;
      lost: number;
      weeks: Record<string, number>;
      counts: Record<Verdict, number>;
    }
  >();
  const lost: Loss[] = [];
  for (const customer of customers) {
    const { account_manager } = customer;
    const form = account_manager === undefined ? "" : uniqueForm(account_manager);
    const manager = managers.get(form) ?? {
      ...{ name: account_manager ?? null, customers: 0, lost: 0, weeks: {}, counts: counts() },
    };
    managers.set(form, manager);
    manager.customers += 1;
    const of = seen.get(customer) ?? nothing;
    for (const { start, departure } of spellsOf(customer))
      if (departure && departure.effective_on > from && departure.effective_on <= to) {
        manager.lost += 1;
        lost.push(lossOf(customer, departure, start > from ? start : from, of));
      }
    for (const { start } of of.episodes) {
      const verdict = verdictOf(customer, start, horizon, to);
      all[verdict] += 1;
      manager.counts[verdict] += 1;
      const week = isoWeek(start);
      const counted = weeks.get(week);
      if (counted && verdict !== "undecided") counted[verdict] += 1;
      if (verdict === "false_alarms") manager.weeks[week] = (manager.weeks[week] ?? 0) + 1;
    }
  }
  const leads = lost.flatMap(({ lead_days }) => lead_days ?? []);
  const number = (warning: Loss["warning"]) => lost.filter((one) => one.warning === warning).length;
  return {
    ...{ from, to, horizon_days: horizon, handled_after_days: handledAfter },
    scoring: { name, version },
    warning: WARNING_SENTENCE,
    customers: customers.length,
    lost: lost.sort((a, b) =>
      a.effective_on === b.effective_on
        ? a.customer < b.customer
          ? -1
          : 1
        : a.effective_on < b.effective_on
          ? -1
          : 1,
    ),
    warned: number("warned"),
    withdrawn: number("withdrawn"),
    unwarned: number("none"),
    warned_before_notice: lost.filter(({ lead_days_before_notice: days }) => days !== null && days > 0)
      .length,
    median_lead_days: medianOf(leads),
    warnings: all.right + all.false_alarms + all.undecided,
    ...all,
    precision: share(all.right, all.right + all.false_alarms),
    recall: share(number("warned"), lost.length),
    false_alarms_per_manager_week: round(all.false_alarms / (weeks.size * Math.max(1, managers.size))),
    weeks: [...weeks].map(([week, counted]) => ({ week, ...counted })),
    managers: [...managers]
      .sort(([a], [b]) => byName.compare(a, b))
      .map(([form, manager]) => ({
        account_manager: manager.name,
        ...{ customers: manager.customers, lost: manager.lost },
        warnings: manager.counts.right + manager.counts.false_alarms + manager.counts.undecided,
        ...manager.counts,
        false_alarms_per_week: round(manager.counts.false_alarms / weeks.size),
        weeks: Object.fromEntries(Object.entries(manager.weeks).sort(([a], [b]) => (a < b ? -1 : 1))),
        mails: mails.get(form) ?? 0,
      })),
    mails: [...mails.values()].reduce((sum, count) => sum + count, 0),
  };
}
