import { notFound } from "@success-manager/contract/problem";
import { alertStatesOf } from "../../../../alerts/conditions.ts";
import { dateOf } from "../../../../calendar.ts";
import { ALL_DAYS, countersRequest } from "../../../../counters/index.ts";
import { entriesBetween } from "../../../../customers/history.ts";
import { getDirectory } from "../../../../directory/index.ts";
import { batchGet, CustomerEntity, getRequest, LatestScoreEntity } from "../../../../table/index.ts";
import { precedingPeriod } from "../../../period.ts";
import { type Asked, type Content, parts } from "../../asked.ts";
import { alertsSection } from "./alerts.ts";
import { contactsSection } from "./contacts.ts";
import { healthSection } from "./health.ts";
import type { Known } from "./known.ts";
import { profileSection } from "./profile.ts";
import { renewalsSection } from "./renewals.ts";
import { satisfactionSection } from "./satisfaction.ts";

/** All that the parts are made of, but the scores: four requests, and more only for a long history. @throws 404 */
async function known({ period }: Asked, id: string): Promise<Known> {
  const [[customer, latest, counters], directory, conditions, history] = await Promise.all([
    batchGet(
      getRequest(CustomerEntity, id),
      getRequest(LatestScoreEntity, id),
      countersRequest(`customer#${id}`, ALL_DAYS),
    ),
    getDirectory(),
    alertStatesOf(id),
    entriesBetween(id, precedingPeriod(period).date_from, period.date_to),
  ]);
  if (!customer) throw notFound("Customer");
  const row = directory.customers.get(id);
  return {
    customer,
    latest,
    counters,
    account_manager_name: row?.account_manager_name ?? customer.account_manager ?? "",
    deployments: row?.deployments ?? [],
    products: row?.products ?? [],
    conditions,
    history: history.rows,
    whole: history.whole,
  };
}

/** One customer: who they are, how they fare, and what has happened with them. @throws 404 */
export async function customerReport(asked: Asked, id: string): Promise<Content> {
  const one = await known(asked, id);
  const today = dateOf(asked.now);
  return {
    subtitle: one.customer.company_name,
    sections: await parts(asked, [
      ["profile", () => profileSection(one, today)],
      ["health", () => healthSection(one, asked)],
      ["interactions", () => contactsSection(one, asked)],
      ["alerts", () => alertsSection(one, asked)],
      ["csat", () => satisfactionSection(one, asked)],
      ["renewals", () => renewalsSection(one, today)],
    ]),
  };
}
