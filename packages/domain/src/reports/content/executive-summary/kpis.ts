import type { Section } from "@success-manager/pdf/document";
import { averageHealth, hasChurned, sumsOf } from "../../../dashboard/portfolio.ts";
import { precedingPeriod } from "../../period.ts";
import type { Earlier } from "../compared.ts";
import type { Happenings } from "../happenings.ts";
import { againstText, numberText, periodText, signedText } from "../wording.ts";
import { answerTiles } from "./answer-tiles.ts";
import type { Portfolio } from "./portfolio.ts";
import { contractTiles, portfolioTiles } from "./portfolio-tiles.ts";

/** What the tiles leave out: how the dashboard's figures differ from those of other parts and of the period. */
function footnote({ rows, figures }: Portfolio): string {
  const { avg_csat_score: csat, nps_score: nps, churned_customers: left } = figures;
  const staying = averageHealth(sumsOf(rows.filter((row) => !hasChurned(row))));
  const without =
    left > 0 && staying !== null && staying !== figures.avg_health_score
      ? `Customers who have left count in the average of health, as on the dashboard; without them it is ${numberText(staying, 1)}. `
      : "";
  if (csat === null && nps === null) return `${without}No survey has been answered yet.`;
  const ever = [
    csat === null ? "no CSAT answers" : `CSAT is ${numberText(csat, 2)}`,
    nps === null ? "no NPS answers" : `the net promoter score ${signedText(nps)}`,
  ];
  return `${without}Over all time ${ever.join(", ")}.`;
}

/** Key figures, each with how it has changed. Those of the portfolio are the dashboard's. */
export function kpisSection(portfolio: Portfolio, happened: Happenings, earlier: Earlier): Section {
  const { period } = portfolio.asked;
  return {
    heading: "Key figures",
    about:
      "Customers, health, alerts and contracts as they stand now; answers, links and new customers of the period, " +
      `compared with ${periodText(precedingPeriod(period))}.`,
    blocks: [
      {
        kind: "tiles",
        tiles: [
          ...portfolioTiles(portfolio, happened.now, earlier),
          ...answerTiles(happened, againstText(period)),
          ...contractTiles(portfolio),
        ],
      },
      { kind: "text", muted: true, text: footnote(portfolio) },
    ],
  };
}
