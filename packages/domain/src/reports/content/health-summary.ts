import { getDirectory } from "../../directory/index.ts";
import { type Asked, type Content, parts } from "./asked.ts";
import { atRiskSection } from "./health-summary/at-risk.ts";
import { oneCustomerSection } from "./health-summary/one-customer.ts";
import { overviewSection } from "./health-summary/overview.ts";
import { recommendationsSection } from "./health-summary/recommendations.ts";
import { trendsSection } from "./health-summary/trends.ts";
import { selectedFrom } from "./selection.ts";

/**
 * How healthy customers are: how scores are spread, who is at risk and why, how it went, and what to do.
 * @throws 404 for a customer who is not there
 */
export async function healthSummary(asked: Asked): Promise<Content> {
  const directory = await getDirectory();
  const rows = selectedFrom(directory, asked.filters);
  const { customer_id } = asked.filters;
  const one = customer_id === undefined ? undefined : rows[0];
  return {
    subtitle: one?.customer.company_name,
    sections: await parts(asked, [
      ["overview", () => (one ? oneCustomerSection(asked, one) : overviewSection(asked, rows, directory))],
      ["at_risk", () => atRiskSection(rows)],
      ["trends", () => trendsSection(asked, rows)],
      ["recommendations", () => recommendationsSection(rows, asked.now)],
    ]),
  };
}
