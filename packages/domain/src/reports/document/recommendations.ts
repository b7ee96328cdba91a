import type { Section } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { isolate } from "../../mail/index.ts";
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
import { lowestScoreFirst } from "./at-risk.ts";
import { tableOf, text } from "./blocks.ts";
import { formatCount, formatDate, formatList, formatNumber } from "./format.ts";
import { COMPONENTS, LOW_COMPONENT } from "./tones.ts";

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
  `${isolate(customer.company_name)} (${reason})`;

/** Customers at risk whose contract ends soon: soonest first. */
function renewalsAtRisk(rows: readonly CustomerRow[], today: string): Recommendation {
  const due = renewalsWithin(rows, today, ENDING_DAYS).filter(({ row }) => isAtRisk(row));
  return {
    action: `Secure the renewal of customers at risk whose contract ends within ${ENDING_DAYS} days.`,
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
    action: "Clear up contracts that have ended.",
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
    action: `Get in touch where nobody has been in contact for ${SILENT_DAYS} days or more.`,
    customers: found.map(({ row, days }) => named(row, formatCount(days, "day"))),
  };
}

/** The component that is the weakest on average, and who is low in it: lowest first. */
function weakest(rows: readonly CustomerRow[]): Recommendation[] {
  const scored = rows.flatMap((row) => (row.score ? [{ row, score: row.score }] : []));
  const figures = healthFigures(rows);
  const means = COMPONENTS.map(([label, component]) => ({
    label,
    component,
    mean: averageComponent(figures, component),
  })).sort((a, b) => (a.mean ?? 0) - (b.mean ?? 0));
  const [lowest] = means;
  if (!lowest || lowest.mean === null) return [];
  const { label, component, mean } = lowest;
  const low = scored
    .filter(({ score }) => score[component] < LOW_COMPONENT)
    .sort((a, b) => a.score[component] - b.score[component] || byName(a.row, b.row));
  return [
    {
      action: `Work on ${label.toLowerCase()}, the weakest component: ${formatNumber(mean, 1)} on average, and below ${LOW_COMPONENT} here.`,
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
    action: "Find out why scores fall that are not below 60 yet.",
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
    action: "Name an account manager for customers at risk who have none.",
    customers: found.map((row) => named(row, row.score?.overall_score ?? "by status")),
  };
}

function unscored(rows: readonly CustomerRow[]): Recommendation {
  const found = rows.filter(({ score }) => !score);
  return {
    action: "Calculate a first health score.",
    customers: found.sort(byName).map(({ customer }) => isolate(customer.company_name)),
  };
}

/** What the figures suggest for customers who have not left, the most urgent first; only what concerns somebody. */
export function recommendationsFor(rows: readonly CustomerRow[], now: Date): Recommendation[] {
  const staying = rows.filter((row) => !hasChurned(row));
  const today = dateOf(now);
  return [
    renewalsAtRisk(staying, today),
    unmanaged(staying),
    silent(staying, now),
    falling(staying),
    ...weakest(staying),
    ended(staying, today),
    unscored(staying),
  ].filter(({ customers }) => customers.length > 0);
}

/** What to do next, for whom. */
export function recommendationsSection(rows: readonly CustomerRow[], now: Date): Section {
  const recommendations = recommendationsFor(rows, now);
  const heading = "Recommendations";
  if (recommendations.length === 0)
    return {
      heading,
      blocks: [
        text(
          rows.length === 0
            ? "There are no customers to recommend anything for."
            : "Nothing stands out: everybody is scored, spoken with and under contract, and no component of the score is low.",
        ),
      ],
    };
  return {
    heading,
    about: "What follows from the figures as they stand now, the most urgent first.",
    blocks: [
      tableOf(recommendations, [
        { heading: "What to do", width: 2.4, cell: ({ action }) => action },
        {
          heading: "Customers",
          width: 0.8,
          align: "right",
          cell: ({ customers }) => formatNumber(customers.length),
        },
        { heading: "Begin with", width: 3, cell: ({ customers }) => formatList(customers, NAMED) },
      ]),
    ],
  };
}
