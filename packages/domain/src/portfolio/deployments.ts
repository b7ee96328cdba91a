import type { DeploymentStats } from "@success-manager/contract/deployments";
import { dateOf } from "../calendar.ts";
import { type DeploymentRow, getDirectory } from "../directory/index.ts";
import { licenseEndsWithin, portfolioFigure } from "./population.ts";

const EXPIRING_DAYS = 30;

/** Counts by state, without deployments of customers who have left; products and environments count active ones only. */
export async function deploymentStats(): Promise<DeploymentStats> {
  const directory = await getDirectory();
  const today = dateOf(new Date());
  return portfolioFigure(directory, `deployment stats ${today}`, ({ left }) => ({
    ...countByState(directory.deployments.values(), today),
    churned_customers: left.length,
  }));
}

function countByState(deployments: Iterable<DeploymentRow>, today: string) {
  const result = {
    total_active: 0,
    total_inactive: 0,
    by_product: { MonetX: 0, SupportX: 0, GreenX: 0 },
    by_environment: { cloud: 0, on_premise: 0, hybrid: 0 },
    expiring_in_30_days: 0,
  };
  const expiring = licenseEndsWithin(EXPIRING_DAYS, today);
  for (const row of deployments) {
    if (row.customer?.status === "churned") continue;
    const { is_active, product_name, environment } = row.deployment;
    if (!is_active) {
      result.total_inactive += 1;
      continue;
    }
    result.total_active += 1;
    result.by_product[product_name] += 1;
    result.by_environment[environment] += 1;
    if (expiring(row)) result.expiring_in_30_days += 1;
  }
  return result;
}
