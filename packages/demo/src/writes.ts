import { alertStateWrite } from "@success-manager/domain/alerts";
import { lastInteractionWrite } from "@success-manager/domain/interactions";
import { feedbackOf } from "@success-manager/domain/surveys";
import {
  AlertEntity,
  type AlertState,
  CompanyNameEntity,
  CustomerEntity,
  DeploymentEntity,
  FeedbackEntity,
  HealthScoreEntity,
  InteractionEntity,
  LatestScoreEntity,
  MAX_TRANSACTION_ITEMS,
  nameKey,
  putItem,
  SurveyEntity,
  SurveyLinkEntity,
  type Write,
} from "@success-manager/domain/table";
import type { DemoCustomer } from "./portfolio.ts";

const newCondition = (condition: AlertState) => alertStateWrite(condition, undefined);

/**
 * All that belongs to a demo customer, for one transaction. It fails as a whole when there is a customer of this name.
 *
 * @throws when it is more than fits into one
 */
export function customerWrites(demo: DemoCustomer, now: Date): Write[] {
  const { customer, latest, deployments, scores, interactions, surveys, links, alerts, conditions } = demo;
  const { id, company_name } = customer;
  const dates = interactions.map(({ interaction_date }) => interaction_date);
  const lastContact = lastInteractionWrite(id, dates, undefined, now);
  const feedback = surveys.flatMap((survey) => feedbackOf(survey) ?? []);
  const writes = [
    putItem(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: id })),
    putItem(CustomerEntity.create(customer)),
    ...(latest ? [putItem(LatestScoreEntity.create(latest))] : []),
    ...(lastContact ? [lastContact] : []),
    ...deployments.map((item) => putItem(DeploymentEntity.create(item))),
    ...scores.map((item) => putItem(HealthScoreEntity.create(item))),
    ...interactions.map((item) => putItem(InteractionEntity.create(item))),
    ...surveys.map((item) => putItem(SurveyEntity.create(item))),
    ...feedback.map((item) => putItem(FeedbackEntity.create(item))),
    ...links.map((item) => putItem(SurveyLinkEntity.create(item))),
    ...alerts.map((item) => putItem(AlertEntity.create(item))),
    ...conditions.map(newCondition),
  ];
  if (writes.length > MAX_TRANSACTION_ITEMS)
    throw new Error(
      `${company_name} has ${writes.length} items; a transaction takes ${MAX_TRANSACTION_ITEMS}`,
    );
  return writes;
}
