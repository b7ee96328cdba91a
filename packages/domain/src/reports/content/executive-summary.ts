import { getAlertCache } from "../../alerts/book.ts";
import { Dashboard } from "../../dashboard/index.ts";
import { getDirectory } from "../../directory/index.ts";
import { type Asked, type Content, parts, wants } from "./asked.ts";
import { earlierOf } from "./compared.ts";
import { alertsSection } from "./executive-summary/alerts.ts";
import { atRiskSection } from "./executive-summary/at-risk.ts";
import { kpisSection } from "./executive-summary/kpis.ts";
import type { Portfolio } from "./executive-summary/portfolio.ts";
import { renewalsSection } from "./executive-summary/renewals.ts";
import { trendsSection } from "./executive-summary/trends.ts";
import { happenings } from "./happenings.ts";

/** Everything at a glance: key figures and how they changed, alerts, renewals, who is at risk, and trends. */
export async function executiveSummary(asked: Asked): Promise<Content> {
  const { filters, now } = asked;
  const counts = wants(asked, "kpis") || wants(asked, "alerts");
  // Asked for together, so that all of them look at the same refresh of what is in memory.
  const [directory, book, figures, happened] = await Promise.all([
    getDirectory(),
    getAlertCache(),
    Dashboard.stats(now),
    counts ? happenings(asked) : undefined,
  ]);
  const rows = [...directory.customers.values()];
  const portfolio: Portfolio = { asked, customers: directory.customers, rows, book, figures };
  const { include_trends = true } = filters;
  return {
    sections: await parts(asked, [
      ...(happened
        ? ([
            ["kpis", async () => kpisSection(portfolio, happened, await earlierOf(asked, rows))],
            ["alerts", () => alertsSection(portfolio, happened)],
          ] as const)
        : []),
      ["renewals", () => renewalsSection(portfolio)],
      ["at_risk", () => atRiskSection(portfolio)],
      ...(include_trends ? ([["trends", () => trendsSection(asked)]] as const) : []),
    ]),
  };
}
