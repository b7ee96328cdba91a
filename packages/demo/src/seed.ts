import { alertStateWrite } from "@success-manager/domain/alerts";
import { configuredWeights } from "@success-manager/domain/health";
import { lastInteractionWrite } from "@success-manager/domain/interactions";
import { toFeedback } from "@success-manager/domain/surveys";
import {
  AlertEntity,
  CompanyNameEntity,
  CustomerEntity,
  chunkByWrites,
  commit,
  DeploymentEntity,
  FeedbackEntity,
  find,
  getRequest,
  HealthScoreEntity,
  InteractionEntity,
  LatestScoreEntity,
  MAX_TRANSACTION_ITEMS,
  nameKey,
  partitions,
  putItem,
  query,
  SurveyEntity,
  SurveyLinkEntity,
  type Write,
} from "@success-manager/domain/table";
import { type DemoCustomer, portfolio } from "./portfolio.ts";
import { writeSchedules } from "./report-schedules.ts";
import { writeAccounts } from "./team.ts";

/** How many of each were new. */
export interface Seeded {
  readonly users: number;
  readonly customers: number;
  readonly schedules: number;
}

/** True when nobody can sign in yet: a table that has just been made. */
export async function isEmpty(): Promise<boolean> {
  const first = await query({ partition: partitions.type("user") }, { pageSize: 1 }).next();
  return !first.value?.items.length;
}

/**
 * Writes the demo accounts, customers and scheduled reports that are missing. What exists stays as it is, whoever
 * wrote or changed it; a customer comes with everything that belongs to it or not at all. So a second call changes
 * nothing.
 *
 * Never call this on a table that others can reach: the passwords are public.
 */
export async function seed(now = new Date()): Promise<Seeded> {
  const { ids, added } = await writeAccounts(now);
  const userId = (email: string) => {
    const id = ids.get(email);
    if (id === undefined) throw new Error(`${email} is no demo account`);
    return id;
  };
  const customers = portfolio({ now, userId, weights: configuredWeights() });
  const written = await Promise.all(customers.map((demo) => writeCustomer(demo, now)));
  const schedules = await writeSchedules(now, userId);
  return { users: added, customers: written.filter(Boolean).length, schedules };
}

/**
 * False when there is a customer of this name already. The scores do not fit into the transaction of the customer:
 * they are written before it, so that no customer is there without them.
 */
async function writeCustomer(demo: DemoCustomer, now: Date) {
  const name_key = nameKey(demo.customer.company_name);
  if (await find(getRequest(CompanyNameEntity, name_key))) return false;
  const scores = demo.scores.map((score) => putItem(HealthScoreEntity.put(score)));
  for (const chunk of chunkByWrites(scores, () => 1)) await commit(chunk);
  return (await commit(customerWrites(demo, now))).length === 0;
}

/**
 * All that belongs to a demo customer but the scores, for one transaction. It fails as a whole when there is a customer of this name.
 *
 * @throws when it is more than fits into one
 */
export function customerWrites(demo: DemoCustomer, now: Date): Write[] {
  const { customer, latest, deployments, interactions, surveys, links, alerts, states } = demo;
  const { id, company_name } = customer;
  const dates = interactions.map(({ interaction_date }) => interaction_date);
  const lastInteraction = lastInteractionWrite(id, dates, undefined, now);
  const feedback = surveys.flatMap((survey) => toFeedback(survey) ?? []);
  const writes = [
    putItem(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: id })),
    putItem(CustomerEntity.create(customer)),
    ...(latest ? [putItem(LatestScoreEntity.create(latest))] : []),
    ...(lastInteraction ? [lastInteraction] : []),
    ...deployments.map((item) => putItem(DeploymentEntity.create(item))),
    ...interactions.map((item) => putItem(InteractionEntity.create(item))),
    ...surveys.map((item) => putItem(SurveyEntity.create(item))),
    ...feedback.map((item) => putItem(FeedbackEntity.create(item))),
    ...links.map((item) => putItem(SurveyLinkEntity.create(item))),
    ...alerts.map((item) => putItem(AlertEntity.create(item))),
    ...states.map((state) => alertStateWrite(state, undefined)),
  ];
  if (writes.length > MAX_TRANSACTION_ITEMS)
    throw new Error(
      `${company_name} has ${writes.length} items; a transaction takes ${MAX_TRANSACTION_ITEMS}`,
    );
  return writes;
}
