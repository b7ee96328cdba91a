import { customersBy } from "../../customers/columns.ts";
import type { Directory, SortedView } from "../../directory/index.ts";
import { MAX_KEY } from "../../table/index.ts";
import type { Happening } from "./happening.ts";
import { newCustomer, newDeployment } from "./shown.ts";
import type { Days } from "./window.ts";

/**
 * The newest rows of a view whose time lies in these days. The view is sorted already: the newest that counts is
 * looked up in it, and nothing but what is shown is gone through.
 */
function newestIn<T>(
  view: SortedView<T>,
  { start, end }: Days,
  limit: number,
  time: (row: T) => string,
): T[] {
  const all = view.select("desc", () => true);
  // Behind every instant of the last day.
  const first = view.upperBound(all, "desc", { value: `${end}${MAX_KEY}`, id: "" });
  return all.slice(first, first + limit).filter((row) => time(row) >= start);
}

/** The newest customers of these days. */
export const newCustomers = (directory: Directory, days: Days, limit: number): Happening[] => {
  return newestIn(
    customersBy(directory, "created_at"),
    days,
    limit,
    ({ customer }) => customer.created_at,
  ).map(newCustomer);
};

/** The newest deployments of these days. */
export const newDeployments = (directory: Directory, days: Days, limit: number): Happening[] => {
  const view = directory.deploymentsBy("deployment_date", ({ deployment }) => deployment.deployment_date);
  return newestIn(view, days, limit, ({ deployment }) => deployment.deployment_date).map(newDeployment);
};
