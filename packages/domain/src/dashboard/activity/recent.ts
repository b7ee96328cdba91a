import type { ActivityFilter, RecentActivity } from "@success-manager/contract/dashboard";
import { dateOf } from "../../calendar.ts";
import { getDirectory } from "../../directory/index.ts";
import { readLatest } from "../../lists/index.ts";
import { newCustomers, newDeployments } from "./from-directory.ts";
import { newestOf } from "./happening.ts";
import { ALERTS, ANSWERS, CONTACTS } from "./rows.ts";
import { alert, answer, contact } from "./shown.ts";
import { daysOf } from "./window.ts";

/**
 * What happened lately: contacts, answers, alerts, new customers and new deployments, newest first. Each of these five
 * gives as many as are asked for, so the newest of all are among them.
 */
export async function recentActivity(query: ActivityFilter, now = new Date()): Promise<RecentActivity> {
  const { limit } = query;
  const days = daysOf(query, dateOf(now));
  const period = { start_date: days.start, end_date: days.end };
  const [directory, contacts, answers, alerts] = await Promise.all([
    getDirectory(),
    readLatest(CONTACTS, period, limit),
    readLatest(ANSWERS, period, limit),
    readLatest(ALERTS, period, limit),
  ]);
  const nameOf = (id: string) => directory.customers.get(id)?.customer.company_name;
  const activities = newestOf(
    [
      newCustomers(directory, days, limit),
      newDeployments(directory, days, limit),
      contacts.map((row) => contact(row, nameOf(row.customer_id))),
      answers.map((row) => answer(row, nameOf(row.customer_id))),
      alerts.map((row) => alert(row, nameOf(row.customer_id))),
    ],
    limit,
  );
  return { activities, total: activities.length };
}
