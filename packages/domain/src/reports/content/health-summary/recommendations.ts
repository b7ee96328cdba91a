import type { Section } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../../calendar.ts";
import type { CustomerRow } from "../../../directory/index.ts";
import { meanOf } from "../../../figures.ts";
import { lastInteractionAt } from "../../../interactions/last-contact.ts";
import { hasChurned, renewalsWithin } from "../../../portfolio/index.ts";
import { AT_RISK_BELOW, COMPONENTS, LOW_COMPONENT } from "../health-words.ts";
import { countText, dayText, nameInText, namesText, numberText } from "../wording.ts";
import { endangered, lowestFirst } from "./at-risk.ts";

/** Something to do, for so many customers. */
export interface Advice {
  readonly what: string;
  readonly count: number;
  /** The first of them, and why they come first. */
  readonly who: readonly string[];
}

/** Contracts that end within so many days. */
const ENDING_DAYS = 90;
/** Silence that a check opens an alert for (decision 16). */
const SILENT_DAYS = 30;

const named = ({ customer }: CustomerRow, detail: string | number) =>
  `${nameInText(customer.company_name)} (${detail})`;

/** Customers at risk whose contract ends soon: soonest first. */
function renewalsAtRisk(rows: readonly CustomerRow[], today: string): Advice {
  const due = renewalsWithin(rows, today, ENDING_DAYS).filter(
    ({ row: { score } }) => score !== undefined && score.overall_score < AT_RISK_BELOW,
  );
  return {
    what: `Secure the renewal of customers at risk whose contract ends within ${ENDING_DAYS} days.`,
    count: due.length,
    who: due.map(({ row, end }) => named(row, dayText(end))),
  };
}

/** Contracts that have ended while the customer stays: longest ago first. */
function ended(rows: readonly CustomerRow[], today: string): Advice {
  const found = rows
    .flatMap((row) => {
      const { contract_end_date: end } = row.customer;
      return end !== undefined && end < today ? [{ row, end }] : [];
    })
    .sort((a, b) => (a.end < b.end ? -1 : 1));
  return {
    what: "Clear up contracts that have ended.",
    count: found.length,
    who: found.map(({ row, end }) => named(row, dayText(end))),
  };
}

/** Customers with whom nobody was in contact, counted from when they came where nobody ever was: longest first. */
function silent(rows: readonly CustomerRow[], now: Date): Advice {
  const today = dateOf(now);
  const found = rows
    .map((row) => {
      const since = lastInteractionAt(row.contact, now) ?? row.customer.created_at;
      return { row, days: daysBetween(since.slice(0, 10), today) };
    })
    .filter(({ days }) => days >= SILENT_DAYS)
    .sort((a, b) => b.days - a.days || (a.row.search_key < b.row.search_key ? -1 : 1));
  return {
    what: `Get in touch where nobody has been in contact for ${SILENT_DAYS} days or more.`,
    count: found.length,
    who: found.map(({ row, days }) => named(row, countText(days, "day"))),
  };
}

/** The component that is the weakest on average, and who is low in it: lowest first. */
function weakest(rows: readonly CustomerRow[]): Advice[] {
  const scored = rows.flatMap((row) => (row.score ? [{ row, score: row.score }] : []));
  const means = COMPONENTS.map(([label, component]) => ({
    label,
    component,
    mean: meanOf(
      scored.reduce((sum, { score }) => sum + score[component], 0),
      scored.length,
    ),
  })).sort((a, b) => (a.mean ?? 0) - (b.mean ?? 0));
  const [lowest] = means;
  if (!lowest || lowest.mean === null) return [];
  const { label, component, mean } = lowest;
  const low = scored
    .filter(({ score }) => score[component] < LOW_COMPONENT)
    .sort((a, b) => a.score[component] - b.score[component]);
  return [
    {
      what: `Work on ${label.toLowerCase()}, the weakest component: ${numberText(mean, 1)} on average, and below ${LOW_COMPONENT} here.`,
      count: low.length,
      who: low.map(({ row, score }) => named(row, score[component])),
    },
  ];
}

/** Customers who are falling but not at risk yet. */
function falling(rows: readonly CustomerRow[]): Advice {
  const found = rows
    .flatMap((row) => (row.score ? [{ ...row, score: row.score }] : []))
    .filter(({ score }) => score.score_trend === "declining" && score.overall_score >= AT_RISK_BELOW)
    .sort(lowestFirst);
  return {
    what: "Find out why scores fall that are not below 60 yet.",
    count: found.length,
    who: found.map((row) => named(row, row.score.overall_score)),
  };
}

/** Customers at risk for whom nobody is responsible. */
function unmanaged(rows: readonly CustomerRow[]): Advice {
  const found = endangered(rows)
    .filter(({ account_manager_name }) => !account_manager_name)
    .sort(lowestFirst);
  return {
    what: "Name an account manager for customers at risk who have none.",
    count: found.length,
    who: found.map((row) => named(row, row.score.overall_score)),
  };
}

function unscored(rows: readonly CustomerRow[]): Advice {
  const found = rows.filter(({ score }) => !score);
  return {
    what: "Calculate a first health score.",
    count: found.length,
    who: found
      .sort((a, b) => (a.search_key < b.search_key ? -1 : 1))
      .map(({ customer }) => nameInText(customer.company_name)),
  };
}

/** What the figures suggest for customers who have not left, the most urgent first; only what concerns somebody. */
export function adviceFor(rows: readonly CustomerRow[], now: Date): Advice[] {
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
  ].filter(({ count }) => count > 0);
}

/** What to do next, for whom. */
export function recommendationsSection(rows: readonly CustomerRow[], now: Date): Section {
  const advice = adviceFor(rows, now);
  const heading = "Recommendations";
  if (advice.length === 0)
    return {
      heading,
      blocks: [
        {
          kind: "text",
          text:
            rows.length === 0
              ? "There are no customers to recommend anything for."
              : "Nothing stands out: everybody is scored, spoken with and under contract, and no component of the score is low.",
        },
      ],
    };
  return {
    heading,
    about: "What follows from the figures as they stand now, the most urgent first.",
    blocks: [
      {
        kind: "table",
        columns: [
          { heading: "What to do", width: 2.4 },
          { heading: "Customers", width: 0.8, align: "right" },
          { heading: "Begin with", width: 3 },
        ],
        rows: advice.map(({ what, count, who }) => [what, numberText(count), namesText(who)]),
      },
    ],
  };
}
