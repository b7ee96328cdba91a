import type { Tile } from "@success-manager/pdf/document";
import { dateOf } from "../../../calendar.ts";
import { isAtRisk } from "../../../customers/at-risk.ts";
import { hasChurned } from "../../../dashboard/portfolio.ts";
import { dueWithin } from "../../../dashboard/upcoming-renewals.ts";
import type { CustomerRow } from "../../../directory/index.ts";
import { percentOf } from "../../../figures.ts";
import { type Period, precedingPeriod } from "../../period.ts";
import { atRiskChange, averageChange, type Earlier, standingBefore } from "../compared.ts";
import type { Happened } from "../happenings.ts";
import { AT_RISK_BELOW } from "../health-words.ts";
import { countText, moneyText, numberText, percentText } from "../wording.ts";
import { type Portfolio, renewalDays, showsMoney } from "./portfolio.ts";

const cents = (rows: readonly CustomerRow[]) =>
  rows.reduce((sum, { customer }) => sum + (customer.contract_value ?? 0), 0);

function customersTile({ rows, figures, asked }: Portfolio): Tile {
  const came = ({ date_from, date_to }: Period) =>
    rows.filter(({ customer: { created_at } }) => {
      const day = created_at.slice(0, 10);
      return day >= date_from && day <= date_to;
    }).length;
  const [now, then] = [came(asked.period), came(precedingPeriod(asked.period))];
  const left = figures.churned_customers;
  return {
    label: "Customers",
    value: numberText(figures.total_customers),
    note:
      `${numberText(now)} new, ${numberText(then)} before` +
      (left > 0 ? `; ${numberText(left)} ${left === 1 ? "has" : "have"} left` : ""),
    tone: now > 0 ? "good" : "neutral",
  };
}

function healthTile({ figures, asked }: Portfolio, earlier: Earlier): Tile {
  const average = figures.avg_health_score;
  return {
    label: "Average health",
    value: average === null ? "None yet" : numberText(average, 1),
    ...averageChange(average, earlier, asked),
  };
}

function atRiskTile({ rows, figures, asked }: Portfolio): Tile {
  const staying = rows.filter((row) => !hasChurned(row));
  const below = staying.filter(
    ({ score }) => score !== undefined && score.overall_score < AT_RISK_BELOW,
  ).length;
  const change = atRiskChange(below, standingBefore(asked, staying));
  return {
    label: "At-risk customers",
    value: numberText(figures.at_risk_customers),
    note: `${numberText(below)} below 60${change ? `, ${change.note}` : ""}`,
    tone: change?.tone,
  };
}

function alertsTile({ figures }: Portfolio, { alerts_opened, alerts_resolved }: Happened): Tile {
  const more = alerts_opened - alerts_resolved;
  const tone = more > 0 ? "bad" : "good";
  return {
    label: "Active alerts",
    value: numberText(figures.open_alerts),
    note: `${numberText(alerts_opened)} opened, ${numberText(alerts_resolved)} resolved in the period`,
    tone: more === 0 ? "neutral" : tone,
  };
}

function renewalsTile({ rows, asked }: Portfolio): Tile {
  const days = renewalDays(asked);
  const due = dueWithin(rows, dateOf(asked.now), days).map(({ row }) => row);
  return {
    label: `Renewals in ${countText(days, "day")}`,
    value: numberText(due.length),
    note: showsMoney(asked)
      ? `worth ${moneyText(cents(due))}`
      : `of ${countText(rows.filter((row) => !hasChurned(row)).length, "customer")}`,
  };
}

function moneyTiles({ rows }: Portfolio): Tile[] {
  const staying = rows.filter((row) => !hasChurned(row));
  const endangered = staying.filter(isAtRisk);
  const [all, atRisk] = [cents(staying), cents(endangered)];
  return [
    {
      label: "Contract value",
      value: moneyText(all),
      note: `of ${countText(staying.length, "customer")}`,
    },
    {
      label: "Contract value at risk",
      value: moneyText(atRisk),
      note: `${percentText(percentOf(atRisk, all))}, of ${countText(endangered.length, "customer")}`,
      tone: atRisk > 0 ? "bad" : "good",
    },
  ];
}

/** Who the customers are, how they are and what needs attention. */
export const portfolioTiles = (portfolio: Portfolio, happened: Happened, earlier: Earlier): Tile[] => [
  customersTile(portfolio),
  healthTile(portfolio, earlier),
  atRiskTile(portfolio),
  alertsTile(portfolio, happened),
];

/** What contracts are worth, where that is shown, and how many end soon. */
export const contractTiles = (portfolio: Portfolio): Tile[] => [
  renewalsTile(portfolio),
  ...(showsMoney(portfolio.asked) ? moneyTiles(portfolio) : []),
];
