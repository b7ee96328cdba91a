import type { Cell, Column, Section } from "@success-manager/pdf/document";
import { isAtRisk } from "../../../customers/at-risk.ts";
import type { CustomerRow } from "../../../directory/index.ts";
import { topN } from "../../../portfolio/index.ts";
import { concernsOf, managerText } from "../concerns.ts";
import { scoreCell } from "../health-words.ts";
import { countText, moneyText } from "../wording.ts";
import { type Portfolio, showsMoney } from "./portfolio.ts";

/** How many are listed. */
const MOST = 10;

const NOT_SCORED = 101;
const scoreOf = ({ score }: CustomerRow) => score?.overall_score ?? NOT_SCORED;
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const lowestFirst = (a: CustomerRow, b: CustomerRow) =>
  scoreOf(a) - scoreOf(b) || byText(a.search_key, b.search_key) || byText(a.customer.id, b.customer.id);

const mostValuableFirst = (a: CustomerRow, b: CustomerRow) =>
  (b.customer.contract_value ?? 0) - (a.customer.contract_value ?? 0) || lowestFirst(a, b);

/** Whose contracts are in danger: the most valuable ones first, or the lowest scores where values are left out. */
export function atRiskSection({ rows, asked }: Portfolio): Section {
  const heading = "Customers at risk";
  const found = rows.filter(isAtRisk);
  if (found.length === 0)
    return { heading, blocks: [{ kind: "text", text: "No customer is at risk, by status or by score." }] };
  const money = showsMoney(asked);
  const shown = topN(found, MOST, money ? mostValuableFirst : lowestFirst);
  const byStatus = found.filter(({ customer }) => customer.status === "at_risk").length;
  const others = found.length - byStatus;
  const by = others === 0 ? " by status" : `: ${byStatus} by status, ${others} by a score below 60 alone`;
  const columns: Column[] = [
    { heading: "Customer", width: 2 },
    ...(money ? [{ heading: "Contract value", width: 1.2, align: "right" } as const] : []),
    { heading: "Health", width: 0.8, align: "right" },
    { heading: "Key concerns", width: 2.4 },
    { heading: "Account manager", width: 1.4 },
  ];
  const order = money ? "The most valuable contracts" : "The lowest scores";
  return {
    heading,
    about: `${countText(found.length, "customer")} at risk${by}. ${order} come first.`,
    blocks: [
      {
        kind: "table",
        columns,
        rows: shown.map((row): Cell[] => [
          row.customer.company_name,
          ...(money
            ? [
                row.customer.contract_value === undefined
                  ? "Not known"
                  : moneyText(row.customer.contract_value),
              ]
            : []),
          scoreCell(row.score?.overall_score),
          row.score ? concernsOf(row.score) : "Status is at risk",
          managerText(row),
        ]),
        more: found.length - shown.length,
      },
    ],
  };
}
