import type { CustomerStatus } from "@success-manager/contract/vocabulary";
import type { BarChart, Block, Section, Tile, Tone } from "@success-manager/pdf/document";
import { segmentsOf } from "../../../../dashboard/customer-segments.ts";
import { sumsOf } from "../../../../dashboard/portfolio.ts";
import type { CustomerRow } from "../../../../directory/index.ts";
import { percentOf } from "../../../../figures.ts";
import { type Period, precedingPeriod } from "../../../period.ts";
import type { Asked } from "../../asked.ts";
import { isNarrowed } from "../../selection.ts";
import {
  againstText,
  changeText,
  countText,
  moneyText,
  numberText,
  percentText,
  termText,
} from "../../wording.ts";

/** How many industries have a bar of their own. */
const INDUSTRIES = 12;

/** In the order in which customers go through them. */
const STATUSES = ["onboarding", "active", "at_risk", "churned"] as const satisfies CustomerStatus[];

const cameIn = (rows: readonly CustomerRow[], { date_from, date_to }: Period): number =>
  rows.filter(({ customer: { created_at } }) => {
    const date = created_at.slice(0, 10);
    return date >= date_from && date <= date_to;
  }).length;

/** @param rows with those who have left, so far as the filters take them */
function tilesOf(rows: readonly CustomerRow[], { filters, period }: Asked): Tile[] {
  const { customers, cents } = sumsOf(rows);
  const shown = STATUSES.filter((status) => filters.status === undefined || filters.status.includes(status));
  const came = cameIn(rows, period);
  return [
    { label: "Customers", value: numberText(rows.length), note: "as of today" },
    ...shown.map(
      (status): Tile => ({
        label: termText(status),
        value: numberText(customers[status]),
        note: percentText(percentOf(customers[status], rows.length)),
      }),
    ),
    {
      label: "New in the period",
      value: numberText(came),
      ...changeText(came, cameIn(rows, precedingPeriod(period)), { against: againstText(period) }),
    },
    {
      label: "Contract value",
      value: moneyText(cents.onboarding + cents.active + cents.at_risk),
      note: "of customers who have not left",
    },
  ];
}

/** The largest industries; the others together. */
function industriesOf(rows: readonly CustomerRow[]): BarChart | undefined {
  const { by_industry } = segmentsOf(rows);
  const total = by_industry.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  const bar = (label: string, value: number, tone: Tone = "accent") => ({
    label,
    value,
    valueText: `${numberText(value)} (${percentText(percentOf(value, total))})`,
    tone,
  });
  const others = by_industry.slice(INDUSTRIES);
  return {
    kind: "barChart",
    title: "Customers who have not left, by industry",
    bars: [
      ...by_industry.slice(0, INDUSTRIES).map(({ name, count }) => bar(name, count)),
      ...(others.length === 0
        ? []
        : [
            bar(
              countText(others.length, "other industry", "other industries"),
              others.reduce((sum, { count }) => sum + count, 0),
              "neutral",
            ),
          ]),
    ],
  };
}

/** Who the customers are. */
export function profileSection(rows: readonly CustomerRow[], asked: Asked): Section {
  const heading = "Customer base";
  const none = isNarrowed(asked.filters)
    ? "No customer meets the filters of this report."
    : "There are no customers yet.";
  if (rows.length === 0) return { heading, blocks: [{ kind: "text", text: none }] };
  const industries = industriesOf(rows);
  const blocks: Block[] = [{ kind: "tiles", tiles: tilesOf(rows, asked) }];
  return { heading, blocks: industries ? [...blocks, industries] : blocks };
}
