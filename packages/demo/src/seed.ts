import { alertStateWrite } from "@success-manager/domain/alerts";
import { lastInteractionWrite } from "@success-manager/domain/counters";
import { configuredWeights, ScoreDefinitions } from "@success-manager/domain/health";
import {
  AlertEntity,
  batchGet,
  CompanyNameEntity,
  CustomerEntity,
  chunkByWrites,
  commit,
  DeploymentEntity,
  getRequest,
  HealthScoreEntity,
  InteractionEntity,
  LatestScoreEntity,
  MAX_TRANSACTION_ITEMS,
  nameKey,
  OutcomeEntity,
  OutcomeLedgerEntity,
  partitions,
  putItem,
  query,
  RenewalEntity,
  SurveyEntity,
  SurveyLinkEntity,
  TicketCommentEntity,
  TicketEntity,
  TicketNumberEntity,
  takeNumber,
  type Write,
} from "@success-manager/domain/table";
import { countTickets, type DemoCustomer, type PortfolioOptions, portfolio } from "./portfolio.ts";
import { writeSchedules } from "./report-schedules.ts";
import { writeAccounts } from "./team.ts";
import type { DemoTicket } from "./tickets.ts";

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
  const customers = await missingCustomers({ now, userId, weights: configuredWeights() });
  const written = await Promise.all(customers.map((demo) => writeCustomer(demo, now)));
  await ScoreDefinitions.publishRecommended("System Administrator");
  const schedules = await writeSchedules(now, userId);
  return { users: added, customers: written.filter(Boolean).length, schedules };
}

/** The demo customers whose names nobody has yet. Their tickets go on where the stage's numbers are. */
async function missingCustomers(options: PortfolioOptions): Promise<readonly DemoCustomer[]> {
  const all = portfolio(options);
  const names = all.map(({ customer }) => nameKey(customer.company_name));
  const taken = await batchGet(...names.map((name) => getRequest(CompanyNameEntity, name)));
  const isMissing = (_: DemoCustomer, n: number) => taken[n] === undefined;
  if (!all.some(isMissing)) return [];
  const count = countTickets(all);
  const firstTicket = (await takeNumber("ticket", count)) - count + 1;
  return (firstTicket === 1 ? all : portfolio({ ...options, firstTicket })).filter(isMissing);
}

/**
 * Scores and tickets do not fit into the transaction of the customer: they are written before it, so that no customer
 * is there without them. False when there is a customer of this name meanwhile.
 */
async function writeCustomer(demo: DemoCustomer, now: Date): Promise<boolean> {
  const scores = demo.scores.map((score) => [putItem(HealthScoreEntity.put(score))]);
  const before = [...scores, ...demo.tickets.map(ticketWrites)];
  for (const chunk of chunkByWrites(before, ({ length }) => length)) await commit(chunk.flat());
  return (await commit(customerWrites(demo, now))).length === 0;
}

const ticketWrites = ({ ticket, comments }: DemoTicket): Write[] => {
  const { id: ticket_id, number, customer_id } = ticket;
  return [
    putItem(TicketEntity.put(ticket)),
    putItem(TicketNumberEntity.create({ number, ticket_id, customer_id })),
    ...comments.map((comment) => putItem(TicketCommentEntity.put(comment))),
  ];
};

/**
 * All that belongs to a demo customer but scores and tickets, for one transaction. It fails as a whole when there is a customer of this name.
 *
 * @throws when it is more than fits into one
 */
export function customerWrites(demo: DemoCustomer, now: Date): Write[] {
  const { customer, latest, deployments, interactions, surveys, links, alerts, states, became, renewal } =
    demo;
  const { id, company_name } = customer;
  const dates = interactions.map(({ interaction_date }) => interaction_date);
  const lastInteraction = lastInteractionWrite(id, dates, undefined, now);
  const writes = [
    putItem(CompanyNameEntity.create({ name_key: nameKey(company_name), customer_id: id })),
    putItem(CustomerEntity.create(customer)),
    ...(latest ? [putItem(LatestScoreEntity.create(latest))] : []),
    ...(lastInteraction ? [lastInteraction] : []),
    ...deployments.map((item) => putItem(DeploymentEntity.create(item))),
    ...interactions.map((item) => putItem(InteractionEntity.create(item))),
    ...surveys.map((item) => putItem(SurveyEntity.create(item))),
    ...links.map((item) => putItem(SurveyLinkEntity.create(item))),
    ...alerts.map((item) => putItem(AlertEntity.create(item))),
    ...states.map((state) => alertStateWrite(state, undefined)),
    ...(became ? [putItem(OutcomeLedgerEntity.create(became.ledger))] : []),
    ...(renewal ? [putItem(RenewalEntity.create(renewal))] : []),
    ...(became?.outcomes ?? []).map((item) => putItem(OutcomeEntity.create(item))),
  ];
  if (writes.length > MAX_TRANSACTION_ITEMS)
    throw new Error(
      `${company_name} has ${writes.length} items; a transaction takes ${MAX_TRANSACTION_ITEMS}`,
    );
  return writes;
}
