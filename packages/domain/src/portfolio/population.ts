import { daysAfter } from "../calendar.ts";
import { type CustomerRow, type DeploymentRow, type Directory, nameForm } from "../directory/index.ts";
import { bandOfScore } from "../health/index.ts";

/**
 * Who counts. Portfolio figures are about customers who have not left; how many have left is said beside them
 * (decision 11). Every figure over customers is computed in this folder, once, for dashboard, lists and reports.
 */
export interface Portfolio {
  /** The customers that figures are made of. */
  readonly rows: readonly CustomerRow[];
  /** Those who have left, and are not among them. */
  readonly left: readonly CustomerRow[];
}

export const hasChurned = ({ customer }: Pick<CustomerRow, "customer">) => customer.status === "churned";

/** Customers, with those who have left set apart. */
export function portfolioOf(customers: Iterable<CustomerRow>): Portfolio {
  const [rows, left]: [CustomerRow[], CustomerRow[]] = [[], []];
  for (const row of customers) (hasChurned(row) ? left : rows).push(row);
  return { rows, left };
}

/**
 * A figure of the whole portfolio, computed anew only when a row has changed.
 *
 * @param key names the figure and the values that it depends on besides the rows, such as the day
 * @param source an object that it is made of besides the rows: another one makes the figure anew
 */
export function portfolioFigure<T>(
  { customers, memoize }: Pick<Directory, "customers" | "memoize">,
  key: string,
  compute: (portfolio: Portfolio) => T,
  source?: object,
): T {
  const make = () => ({
    source,
    figure: compute(memoize("portfolio", () => portfolioOf(customers.values()))),
  });
  const cached = memoize(`portfolio ${key}`, make);
  if (cached.source !== source) Object.assign(cached, make());
  return cached.figure;
}

/** Whether a user manages a customer, be it that they are linked or that the text names them. */
export const managedBy =
  (user_id: string) =>
  ({ manager_key }: Pick<CustomerRow, "manager_key">) =>
    manager_key === `user:${user_id}`;

/** Whether the manager of a customer bears a name, however it is spelled. */
export function managerNamed(name: string) {
  const form = nameForm(name);
  return ({ account_manager_name }: Pick<CustomerRow, "account_manager_name">) =>
    account_manager_name !== "" && nameForm(account_manager_name) === form;
}

/** Scores below this are at risk (decision 13). */
export const AT_RISK_BELOW = 60;

/** Whether the newest score is below 60. */
export const scoresBelow60 = <Row extends Pick<CustomerRow, "score">>(
  row: Row,
): row is Row & { readonly score: NonNullable<CustomerRow["score"]> } =>
  row.score !== undefined && row.score.overall_score < AT_RISK_BELOW;

/** Whether a customer who has not left is at risk, by status or by the newest score. */
export const isAtRisk = (row: Pick<CustomerRow, "customer" | "score">) =>
  !hasChurned(row) && (row.customer.status === "at_risk" || scoresBelow60(row));

/** Whether too little is known of a customer to say how they are. */
export const isUnknown = ({ score }: Pick<CustomerRow, "score">): boolean =>
  score !== undefined && bandOfScore(score) === "unknown";

/** The days of which `contractEndsWithin` and `licenseEndsWithin` ask. */
export const nextDays = (days: number, today: string) => ({ from: today, to: daysAfter(today, days) });

/**
 * Whether the contract of a customer who has not left ends from today on, within so many days, both ends included.
 *
 * @param today `YYYY-MM-DD`, in UTC
 */
export function contractEndsWithin(days: number, today: string) {
  const { from, to } = nextDays(days, today);
  return ({ customer: { status, contract_end_date: end } }: Pick<CustomerRow, "customer">) =>
    status !== "churned" && end !== undefined && end >= from && end <= to;
}

/**
 * Whether a license in use, of a customer who has not left, ends from today on, within so many days, both ends
 * included.
 *
 * @param today `YYYY-MM-DD`, in UTC
 */
export function licenseEndsWithin(days: number, today: string) {
  const { from, to } = nextDays(days, today);
  return ({ deployment: { is_active, license_expiry }, customer }: DeploymentRow) =>
    is_active && customer?.status !== "churned" && license_expiry >= from && license_expiry <= to;
}
