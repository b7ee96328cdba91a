import { createWriteTransaction } from "electrodb";
import { CompanyNameEntity, CustomerEntity, nameKey } from "../customer/entity.ts";
import { DeploymentEntity } from "../deployment/entity.ts";
import { configuredWeights } from "../health/calculate.ts";
import { HealthScoreEntity, LatestScoreEntity } from "../health/entity.ts";
import { InteractionEntity } from "../interaction/index.ts";
import { SurveyEntity } from "../survey/index.ts";
import { transact } from "../table/index.ts";
import { UserEntity } from "../user/index.ts";
import { type DemoCustomer, portfolio } from "./portfolio.ts";
import { writeTeam } from "./team.ts";

/** What was not there before. */
export interface Seeded {
  readonly users: number;
  readonly customers: number;
}

/** True when nobody can sign in yet: a table that has just been made. */
export async function isEmpty(): Promise<boolean> {
  const { data } = await UserEntity.query.byType({}).go({ count: 1 });
  return data.length === 0;
}

/**
 * Writes the demo accounts and customers that are missing. What is there stays as it is, whoever wrote or changed
 * it; a customer comes with everything that belongs to it or not at all. So a second call changes nothing.
 *
 * Never call this on a table that others can reach: the passwords are public.
 */
export async function seed(now = new Date()): Promise<Seeded> {
  const { ids, added } = await writeTeam(now);
  const idOf = (email: string) => {
    const id = ids.get(email);
    if (id === undefined) throw new Error(`${email} is no demo account`);
    return id;
  };
  const customers = portfolio({ now, idOf, weights: configuredWeights() });
  const written = await Promise.all(customers.map(write));
  return { users: added, customers: written.filter(Boolean).length };
}

const entities = {
  customer: CustomerEntity,
  name: CompanyNameEntity,
  deployment: DeploymentEntity,
  score: HealthScoreEntity,
  latest: LatestScoreEntity,
  interaction: InteractionEntity,
  survey: SurveyEntity,
};

/** One transaction (at most 100 items). False when there is a customer of this name already. */
async function write({ customer, deployments, scores, latest, interactions, surveys }: DemoCustomer) {
  const { id, company_name } = customer;
  const failed = await transact(() =>
    createWriteTransaction(entities, (into) => [
      into.name.create({ name_key: nameKey(company_name), customer_id: id }).commit(),
      into.customer.create(customer).commit(),
      ...(latest ? [into.latest.create(latest).commit()] : []),
      ...deployments.map((item) => into.deployment.create(item).commit()),
      ...scores.map((item) => into.score.create(item).commit()),
      ...interactions.map((item) => into.interaction.create(item).commit()),
      ...surveys.map((item) => into.survey.create(item).commit()),
    ]),
  );
  return failed.length === 0;
}
