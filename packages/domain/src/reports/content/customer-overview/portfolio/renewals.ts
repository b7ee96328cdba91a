import type { Section } from "@success-manager/pdf/document";
import { dateOf } from "../../../../calendar.ts";
import type { CustomerRow } from "../../../../directory/index.ts";
import { renewalsWithin } from "../../../../portfolio/index.ts";
import type { Asked } from "../../asked.ts";
import { scoreCell } from "../../health-words.ts";
import { dateText, moneyText, numberText } from "../../wording.ts";
import { daysLeftCell } from "../days-left.ts";

/** How far ahead, when nobody says. */
const USUAL_DAYS = 60;

/** How many contracts are listed. */
const SHOWN = 40;

/** Contracts that end soon, soonest first. */
export function renewalsSection(rows: readonly CustomerRow[], { filters, now }: Asked): Section {
  const days = filters.days_to_renewal ?? USUAL_DAYS;
  const due = renewalsWithin(rows, dateOf(now), days);
  const next = days === 1 ? "the next day" : `the next ${numberText(days)} days`;
  const heading = "Upcoming renewals";
  if (due.length === 0)
    return { heading, blocks: [{ kind: "text", text: `No contract ends within ${next}.` }] };
  const cents = due.reduce((sum, { row }) => sum + (row.customer.contract_value ?? 0), 0);
  return {
    heading,
    about: `Contracts of customers who have not left that end within ${next}, soonest first.`,
    blocks: [
      {
        kind: "tiles",
        tiles: [
          { label: "Contracts that end", value: numberText(due.length), note: `within ${next}` },
          { label: "Their value", value: moneyText(cents) },
        ],
      },
      {
        kind: "table",
        columns: [
          { heading: "Customer", width: 3 },
          { heading: "Contract end", width: 1.4 },
          { heading: "Value", align: "right", width: 1.5 },
          { heading: "Days left", align: "right", width: 1.1 },
          { heading: "Health", align: "right", width: 1.1 },
        ],
        rows: due
          .slice(0, SHOWN)
          .map(({ row: { customer, score }, end, days: left }) => [
            customer.company_name,
            dateText(end),
            customer.contract_value === undefined ? "Not recorded" : moneyText(customer.contract_value),
            daysLeftCell(left),
            scoreCell(score?.overall_score),
          ]),
        more: Math.max(0, due.length - SHOWN),
      },
    ],
  };
}
