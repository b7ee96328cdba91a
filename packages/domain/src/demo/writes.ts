import { AlertEntity, type Condition } from "../alert/index.ts";
import { conditionWrite } from "../alert/write.ts";
import { CompanyNameEntity, CustomerEntity, nameKey } from "../customer/entity.ts";
import { DeploymentEntity } from "../deployment/entity.ts";
import { HealthScoreEntity, LatestScoreEntity } from "../health/entity.ts";
import { InteractionEntity, lastContactWrite } from "../interaction/index.ts";
import { FeedbackEntity, feedbackOf, SurveyEntity, SurveyLinkEntity } from "../survey/index.ts";
import { putting, WRITES_AT_ONCE, type Write } from "../table/index.ts";
import type { DemoCustomer } from "./portfolio.ts";

const newCondition = (condition: Condition) => conditionWrite(condition, undefined);

/**
 * All that belongs to a demo customer, for one transaction. It fails as a whole when there is a customer of this name.
 *
 * @throws when it is more than fits into one
 */
export function customerWrites(demo: DemoCustomer, now: Date): Write[] {
  const { customer, latest, deployments, scores, interactions, surveys, links, alerts, conditions } = demo;
  const { id, company_name } = customer;
  const dates = interactions.map(({ interaction_date }) => interaction_date);
  const lastContact = lastContactWrite(id, dates, undefined, now);
  const feedback = surveys.flatMap((survey) => feedbackOf(survey) ?? []);
  const writes = [
    putting(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: id })),
    putting(CustomerEntity.create(customer)),
    ...(latest ? [putting(LatestScoreEntity.create(latest))] : []),
    ...(lastContact ? [lastContact] : []),
    ...deployments.map((item) => putting(DeploymentEntity.create(item))),
    ...scores.map((item) => putting(HealthScoreEntity.create(item))),
    ...interactions.map((item) => putting(InteractionEntity.create(item))),
    ...surveys.map((item) => putting(SurveyEntity.create(item))),
    ...feedback.map((item) => putting(FeedbackEntity.create(item))),
    ...links.map((item) => putting(SurveyLinkEntity.create(item))),
    ...alerts.map((item) => putting(AlertEntity.create(item))),
    ...conditions.map(newCondition),
  ];
  if (writes.length > WRITES_AT_ONCE)
    throw new Error(`${company_name} has ${writes.length} items; a transaction takes ${WRITES_AT_ONCE}`);
  return writes;
}
