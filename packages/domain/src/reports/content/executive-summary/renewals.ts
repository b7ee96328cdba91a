import type { Block, Cell, Column, Section } from "@success-manager/pdf/document";
import { dateOf, daysAfter, periodsBetween } from "../../../calendar.ts";
import { type Renewal, renewalsWithin } from "../../../portfolio/index.ts";
import { managerText } from "../concerns.ts";
import { scoreCell } from "../health-words.ts";
import { countText, dayText, moneyText, monthText, numberText } from "../wording.ts";
import { type Portfolio, renewalDays, showsMoney } from "./portfolio.ts";

/** How many contracts are listed. */
const MOST = 15;

const cents = (due: readonly Renewal[]) =>
  due.reduce((sum, { row }) => sum + (row.customer.contract_value ?? 0), 0);

const valueText = (value: number | undefined) => (value === undefined ? "Not known" : moneyText(value));

/** What ends in each calendar month: worth, or how many. */
function byMonth(due: readonly Renewal[], today: string, days: number, money: boolean): Block {
  const months = periodsBetween("monthly", today, daysAfter(today, days));
  return {
    kind: "barChart",
    title: money ? "Contract value that ends, by month (contracts)" : "Contracts that end, by month",
    bars: months.map((month) => {
      const within = due.filter(({ end }) => end.startsWith(month));
      return {
        label: monthText(month),
        value: money ? cents(within) / 100 : within.length,
        valueText: money
          ? `${moneyText(cents(within))} (${numberText(within.length)})`
          : numberText(within.length),
        tone: "accent",
      };
    }),
  };
}

function listed(due: readonly Renewal[], money: boolean): Block {
  const shown = due.slice(0, MOST);
  const columns: Column[] = [
    { heading: "Customer", width: 2 },
    { heading: "Contract end", width: 1.6 },
    ...(money ? [{ heading: "Value", width: 1.1, align: "right" } as const] : []),
    { heading: "Days left", width: 0.9, align: "right" },
    { heading: "Health", width: 0.8, align: "right" },
    { heading: "Account manager", width: 1.4 },
  ];
  return {
    kind: "table",
    columns,
    rows: shown.map(({ row, end, days }): Cell[] => [
      row.customer.company_name,
      dayText(end),
      ...(money ? [valueText(row.customer.contract_value)] : []),
      days === 0 ? "today" : numberText(days),
      scoreCell(row.score?.overall_score),
      managerText(row),
    ]),
    more: due.length - shown.length,
  };
}

/** Contracts that end soon, of customers who have not left. */
export function renewalsSection({ rows, asked }: Portfolio): Section {
  const days = renewalDays(asked);
  const today = dateOf(asked.now);
  const due = renewalsWithin(rows, today, days);
  const money = showsMoney(asked);
  const heading = `Renewals in the next ${countText(days, "day")}`;
  if (due.length === 0)
    return {
      heading,
      blocks: [{ kind: "text", text: `No contract ends until ${dayText(daysAfter(today, days))}.` }],
    };
  const worth = money ? `, worth ${moneyText(cents(due))},` : "";
  const end = due.length === 1 ? "ends" : "end";
  return {
    heading,
    about: `${countText(due.length, "contract")}${worth} ${end} by ${dayText(daysAfter(today, days))}; the soonest first.`,
    blocks: [byMonth(due, today, days, money), listed(due, money)],
  };
}
