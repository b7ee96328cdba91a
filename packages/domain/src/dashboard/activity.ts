import type { ActivityFilter, RecentActivity } from "@success-manager/contract/dashboard";
import { dateOf, daysAfter } from "../calendar.ts";
import { sortedCustomers } from "../customers/index.ts";
import { type Directory, getDirectory, type SortedView } from "../directory/index.ts";
import { type ListDefinition, readLatest } from "../lists/index.ts";
import { MAX_KEY } from "../table/index.ts";
import {
  type ActivityItem,
  ALERT_FIELDS,
  type AlertRow,
  alertActivity,
  customerActivity,
  deploymentActivity,
  INTERACTION_FIELDS,
  type InteractionRow,
  interactionActivity,
  mergeNewest,
  SURVEY_FIELDS,
  type SurveyRow,
  surveyActivity,
} from "./activity-items.ts";

/** The first and the last day, both included; no days when they are the wrong way round. */
interface Period {
  readonly start: string;
  readonly end: string;
}

const DAYS_BACK = 30;

/** The period that is asked for: up to today, and from 30 days before its last day on, unless the query says so. */
export function activityPeriod(
  { start_date, end_date }: Pick<ActivityFilter, "start_date" | "end_date">,
  today: string,
): Period {
  const end = end_date ?? today;
  return { start: start_date ?? daysAfter(end, -DAYS_BACK), end };
}

/**
 * The newest rows of a view whose time lies in a period. The view is sorted already: the newest that counts is looked
 * up in it, and only what is shown is read.
 */
function newestInView<T>(
  view: SortedView<T>,
  { start, end }: Period,
  limit: number,
  time: (row: T) => string,
): T[] {
  const all = view.select("desc", () => true);
  // Behind every instant of the last day.
  const first = view.upperBound(all, "desc", { value: `${end}${MAX_KEY}`, id: "" });
  return all.slice(first, first + limit).filter((row) => time(row) >= start);
}

/** The newest customers of a period. */
export const newCustomers = (directory: Directory, period: Period, limit: number): ActivityItem[] => {
  const view = sortedCustomers(directory, "created_at");
  return newestInView(view, period, limit, ({ customer }) => customer.created_at).map(customerActivity);
};

/** The newest deployments of a period. */
export const newDeployments = (directory: Directory, period: Period, limit: number): ActivityItem[] => {
  const view = directory.deploymentsBy("deployment_date", ({ deployment }) => deployment.deployment_date);
  return newestInView(view, period, limit, ({ deployment }) => deployment.deployment_date).map(
    deploymentActivity,
  );
};

const INTERACTIONS: ListDefinition<InteractionRow> = {
  entity: "interaction",
  time: ({ interaction_date }) => interaction_date,
  fields: INTERACTION_FIELDS,
};

const SURVEYS: ListDefinition<SurveyRow> = {
  entity: "survey",
  time: ({ submitted_at }) => submitted_at,
  fields: SURVEY_FIELDS,
};

const ALERTS: ListDefinition<AlertRow> = {
  entity: "alert",
  time: ({ created_at }) => created_at,
  fields: ALERT_FIELDS,
};

/**
 * The newest interactions, survey responses, alerts, customers and deployments, newest first. Each of these five
 * sources is read up to the limit, so the newest of all are among them. Three queries besides the directory's.
 */
export async function recentActivity(query: ActivityFilter, now = new Date()): Promise<RecentActivity> {
  const { limit } = query;
  const period = activityPeriod(query, dateOf(now));
  const days = { start_date: period.start, end_date: period.end };
  const [directory, interactions, surveys, alerts] = await Promise.all([
    getDirectory(),
    readLatest(INTERACTIONS, days, limit),
    readLatest(SURVEYS, days, limit),
    readLatest(ALERTS, days, limit),
  ]);
  const nameOf = (id: string) => directory.customers.get(id)?.customer.company_name;
  const activities = mergeNewest(
    [
      newCustomers(directory, period, limit),
      newDeployments(directory, period, limit),
      interactions.map((row) => interactionActivity(row, nameOf(row.customer_id))),
      surveys.map((row) => surveyActivity(row, nameOf(row.customer_id))),
      alerts.map((row) => alertActivity(row, nameOf(row.customer_id))),
    ],
    limit,
  );
  return { activities, total: activities.length };
}
