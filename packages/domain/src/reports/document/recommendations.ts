import type { Advice, Section } from "@success-manager/pdf/document";
import { dateOf, daysAfter, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { sanitizeLine } from "../../mail/index.ts";
import {
  AT_RISK_BELOW,
  averageComponent,
  byName,
  hasChurned,
  healthFigures,
  isAtRisk,
  renewalsWithin,
} from "../../portfolio/index.ts";
import { lastInteractionAt } from "../../table/index.ts";
import { lowestScoreFirst, noManager, type TableColumn, tableOf, text } from "./blocks.ts";
import { formatDate, formatList, formatName, formatNumber, formatShortDate } from "./format.ts";
import type { CustomerData, ReportRequest } from "./query.ts";
import { COMPONENTS, LOW_COMPONENT } from "./tones.ts";
import { capitalized, say } from "./words.ts";

/** What to do: for many customers beside the figures that it follows from, for one with the day until when. */

/** Beside which figures something to do is printed. */
type Topic = "health" | "at_risk" | "trends" | "contact" | "renewals";

/** Something to do for some customers. */
export interface Recommendation {
  readonly action: string;
  /** All of them, the most urgent first, each with the reason. */
  readonly customers: readonly string[];
}

/** How many customers are named. */
const NAMED = 3;

/** Contracts that end within so many days. */
const ENDING_DAYS = 90;
/** Silence that a check opens an alert for (decision 16). */
const SILENT_DAYS = 30;

/** A name within a sentence: isolated, so that an Arabic or a Hebrew one does not turn the sentence around (UAX #9). */
const named = ({ customer }: CustomerRow, reason: string | number) =>
  `${formatName(customer.company_name)} (${reason})`;

/** Customers at risk whose contract ends soon: soonest first. */
function renewalsAtRisk(rows: readonly CustomerRow[], today: string): Recommendation {
  const due = renewalsWithin(rows, today, ENDING_DAYS).filter(({ row }) => isAtRisk(row));
  return {
    action: say("advice.secure", { days: ENDING_DAYS }),
    customers: due.map(({ row, end }) => named(row, formatDate(end))),
  };
}

/** Contracts that have ended while the customer stays: longest ago first. */
function ended(rows: readonly CustomerRow[], today: string): Recommendation {
  const found = rows
    .flatMap((row) => {
      const { contract_end_date: end } = row.customer;
      return end !== undefined && end < today ? [{ row, end }] : [];
    })
    .sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : byName(a.row, b.row)));
  return {
    action: say("advice.ended"),
    customers: found.map(({ row, end }) => named(row, formatDate(end))),
  };
}

/** Customers with whom nobody was in contact, counted from when they came where nobody ever was: longest first. */
function silent(rows: readonly CustomerRow[], now: Date): Recommendation {
  const today = dateOf(now);
  const found = rows
    .map((row) => {
      const since = lastInteractionAt(row.contact, now) ?? row.customer.created_at;
      return { row, days: daysBetween(since.slice(0, 10), today) };
    })
    .filter(({ days }) => days >= SILENT_DAYS)
    .sort((a, b) => b.days - a.days || byName(a.row, b.row));
  return {
    action: say("advice.silent", { days: SILENT_DAYS }),
    customers: found.map(({ row, days }) => named(row, say("count.days", { count: days }))),
  };
}

/** The component that is the weakest on average, and who is low in it: lowest first. */
function weakest(rows: readonly CustomerRow[]): Recommendation[] {
  const scored = rows.flatMap((row) => (row.score ? [{ row, score: row.score }] : []));
  const figures = healthFigures(rows);
  const means = COMPONENTS.map((component) => ({
    component,
    mean: averageComponent(figures, component),
  })).sort((a, b) => (a.mean ?? 0) - (b.mean ?? 0));
  const [lowest] = means;
  if (!lowest || lowest.mean === null) return [];
  const { component, mean } = lowest;
  const low = scored
    .filter(({ score }) => score[component] < LOW_COMPONENT)
    .sort((a, b) => a.score[component] - b.score[component] || byName(a.row, b.row));
  return [
    {
      action: say("advice.weakest", { component, mean: formatNumber(mean, 1), least: LOW_COMPONENT }),
      customers: low.map(({ row, score }) => named(row, score[component])),
    },
  ];
}

/** Customers who are falling but not at risk yet. */
function falling(rows: readonly CustomerRow[]): Recommendation {
  const found = rows
    .flatMap((row) => (row.score ? [{ ...row, score: row.score }] : []))
    .filter(({ score }) => score.score_trend === "declining" && score.overall_score >= AT_RISK_BELOW)
    .sort(lowestScoreFirst);
  return {
    action: say("advice.falling"),
    customers: found.map((row) => named(row, row.score.overall_score)),
  };
}

/** Customers at risk for whom nobody is responsible. */
function unmanaged(rows: readonly CustomerRow[]): Recommendation {
  const found = rows
    .filter(isAtRisk)
    .filter(({ account_manager_name }) => !account_manager_name)
    .sort(lowestScoreFirst);
  return {
    action: say("advice.unmanaged"),
    customers: found.map((row) => named(row, row.score?.overall_score ?? say("advice.by_status"))),
  };
}

function unscored(rows: readonly CustomerRow[]): Recommendation {
  const found = rows.filter(({ score }) => !score);
  return {
    action: say("advice.unscored"),
    customers: found.sort(byName).map(({ customer }) => formatName(customer.company_name)),
  };
}

type Recommend = (rows: readonly CustomerRow[], now: Date) => readonly Recommendation[];

/** The most urgent first. */
const RECOMMENDATIONS: readonly (readonly [Topic, Recommend])[] = [
  ["at_risk", (rows, now) => [renewalsAtRisk(rows, dateOf(now))]],
  ["at_risk", (rows) => [unmanaged(rows)]],
  ["contact", (rows, now) => [silent(rows, now)]],
  ["trends", (rows) => [falling(rows)]],
  ["health", weakest],
  ["renewals", (rows, now) => [ended(rows, dateOf(now))]],
  ["health", (rows) => [unscored(rows)]],
];

/**
 * What the figures suggest for customers who have not left, the most urgent first; only what concerns somebody.
 * @param topics about these alone; about all when absent
 */
export function recommendationsFor(
  rows: readonly CustomerRow[],
  now: Date,
  topics?: readonly Topic[],
): readonly Recommendation[] {
  const staying = rows.filter((row) => !hasChurned(row));
  return RECOMMENDATIONS.filter(([topic]) => topics === undefined || topics.includes(topic))
    .flatMap(([, recommend]) => recommend(staying, now))
    .filter(({ customers }) => customers.length > 0);
}

/** What is recommended about some topics, as a block beside their figures; none when nothing is. */
export function adviceOn(
  topics: readonly Topic[],
  rows: readonly CustomerRow[],
  now: Date,
): readonly Advice[] {
  const items = recommendationsFor(rows, now, topics).map(({ action, customers }) => ({
    action,
    who: say("advice.who", { count: customers.length, names: formatList(customers, NAMED) }),
  }));
  return items.length > 0 ? [{ kind: "advice", items }] : [];
}

/** Something to do for one customer. */
export interface NextStep {
  /** The most urgent kind has the least. */
  readonly rank: number;
  readonly action: string;
  /** `YYYY-MM-DD`: until when. */
  readonly by: string;
}

/** What is to be done soon, without a day of its own, is to be done within so many days. */
const SOON_DAYS = 7;

/** Up to how many days before its end a renewal is to be settled, also where nothing speaks against it. */
const CONFIRM_DAYS = 30;

/** What a customer's lowest component asks for, and why; undefined when none is low. */
function remedy({ score }: CustomerRow): string | undefined {
  if (!score) return undefined;
  const [lowest] = COMPONENTS.map((component) => ({ component, value: score[component] })).sort(
    (a, b) => a.value - b.value,
  );
  if (!lowest || lowest.value >= LOW_COMPONENT) return undefined;
  const { component, value } = lowest;
  return say(`remedy.${component}`, { value });
}

/** What is to be done for customers, the most urgent first. @returns for one; nothing when they left, or are well */
export function stepsAt(now: Date): (row: CustomerRow) => NextStep[] {
  const today = dateOf(now);
  const soon = daysAfter(today, SOON_DAYS);
  const confirmUntil = daysAfter(today, CONFIRM_DAYS);
  const secureUntil = daysAfter(today, ENDING_DAYS);
  const silentUntil = daysAfter(today, -SILENT_DAYS);

  /** About the contract, or what would save it. */
  function mainStep(row: CustomerRow, atRisk: boolean): NextStep | undefined {
    const { contract_end_date: end = "" } = row.customer;
    if (end !== "" && end < today) {
      return { rank: 1, action: say("step.settle"), by: soon };
    }
    if (atRisk) {
      const help = remedy(row);
      if (end !== "" && end <= secureUntil)
        return {
          rank: 0,
          action: help ? say("step.secure_by", { remedy: help }) : say("step.secure"),
          by: end,
        };
      return {
        rank: 2,
        action: help ? capitalized(help) : say("step.call"),
        by: soon,
      };
    }
    return end !== "" && end <= confirmUntil ? { rank: 3, action: say("step.confirm"), by: end } : undefined;
  }

  return (row) => {
    if (hasChurned(row)) return [];
    const atRisk = isAtRisk(row);
    const steps: (NextStep | undefined)[] = [mainStep(row, atRisk)];
    if (atRisk && !row.account_manager_name)
      steps.push({ rank: 2, action: say("step.name_manager"), by: soon });
    if (!atRisk && row.score?.score_trend === "declining") {
      const help = remedy(row);
      steps.push({
        rank: 4,
        action: help ? say("step.find_out_by", { remedy: help }) : say("step.find_out"),
        by: soon,
      });
    }
    const spoken = (lastInteractionAt(row.contact, now) ?? row.customer.created_at).slice(0, 10);
    if (spoken <= silentUntil) {
      const action = say("step.silence", { days: daysBetween(spoken, today) });
      steps.push({ rank: SILENCE, action, by: soon });
    }
    return steps.filter((step) => step !== undefined).sort((a, b) => a.rank - b.rank);
  };
}

/** The rank of silence: it is no decision by itself. */
export const SILENCE = 5;

/** A line of what comes next. */
interface Step {
  readonly by: string;
  readonly what: string;
  readonly who: string;
}

const STEP_COLUMNS = (today: string): TableColumn<Step>[] => [
  {
    heading: say("column.by_date"),
    width: 0.9,
    cell: ({ by }) => {
      if (by === "") return say("step.no_date");
      return by < today
        ? { text: say("step.overdue", { date: formatShortDate(by) }), tone: "bad" }
        : formatShortDate(by);
    },
    data: ({ by }) => by,
  },
  { heading: say("column.what"), width: 3.4, cell: ({ what }) => what },
  { heading: say("column.who"), width: 1.4, cell: ({ who }) => who },
];

/** Up to how many days ahead the ends of licenses are next steps. */
const LICENSE_DAYS = 90;

/** What comes next with one customer: what the figures suggest, open follow-ups, and licenses that end. */
export function nextStepsSection(data: CustomerData, { now, keepsRows }: ReportRequest): Section {
  const { row, history, deployments, account_manager_label } = data;
  const today = dateOf(now);
  const manager = account_manager_label || noManager();
  const steps: Step[] = [
    ...stepsAt(now)(row).map(({ action, by }) => ({ by, what: action, who: manager })),
    ...history.flatMap((entry) =>
      entry.__edb_e__ === "interaction" && entry.follow_up_required && !entry.follow_up_paused
        ? [
            {
              by: entry.follow_up_date ?? "",
              what: say("step.follow_up", { subject: sanitizeLine(entry.subject) }),
              who: entry.performed_by_name ?? entry.performed_by,
            },
          ]
        : [],
    ),
    ...(hasChurned(row) ? [] : deployments)
      .filter(({ is_active, license_expiry }) => {
        const days = daysBetween(today, license_expiry);
        return is_active && days >= 0 && days <= LICENSE_DAYS;
      })
      .map(({ product_name, license_expiry }) => ({
        by: license_expiry,
        what: say("step.renew", { product: product_name }),
        who: manager,
      })),
  ];
  const heading = say("heading.next_steps");
  if (steps.length === 0) return { heading, blocks: [text(say("step.none"))] };
  const ordered = steps.toSorted((a, b) => compareDates(a.by, b.by));
  return {
    heading,
    about: say("step.about"),
    blocks: [tableOf(ordered, STEP_COLUMNS(today), { limit: MAX_STEPS, keepsRows })],
  };
}

/** How many next steps are listed. */
const MAX_STEPS = 20;

/** Soonest first; without a date last. */
const compareDates = (a: string, b: string): number => {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  return a < b ? -1 : 1;
};
