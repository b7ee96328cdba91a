import type { Product } from "@success-manager/contract/vocabulary";
import { dateOf } from "@success-manager/domain/calendar";
import type { Weights } from "@success-manager/domain/health";
import type {
  StoredCustomer,
  StoredDeployment,
  StoredInteraction,
  StoredSurvey,
  StoredSurveyLink,
} from "@success-manager/domain/table";
import { daysAfter, hoursAfter, monthsBefore, startOfDay } from "./dates.ts";
import { interactionsOf } from "./interactions.ts";
import { outcomesOf, renewalOf } from "./outcomes.ts";
import { demoId, type Random, randomOf } from "./random.ts";
import { type SimulationResult, simulate } from "./simulate.ts";
import { finance } from "./stories/finance.ts";
import type { Story } from "./stories/story.ts";
import { technology } from "./stories/technology.ts";
import { telecommunications } from "./stories/telecommunications.ts";
import { unansweredLinks, withLink } from "./survey-links.ts";
import { emailOf, surveysOf } from "./surveys.ts";
import { type DemoTicket, ticketNumbers, ticketsOf, withTickets } from "./tickets.ts";

/** A customer with everything that belongs to it. */
export interface DemoCustomer extends SimulationResult {
  readonly deployments: readonly StoredDeployment[];
  readonly interactions: readonly StoredInteraction[];
  readonly tickets: readonly DemoTicket[];
  readonly surveys: readonly StoredSurvey[];
  readonly links: readonly StoredSurveyLink[];
  /** What became of the customer besides, and the ledger of it. */
  readonly became: ReturnType<typeof outcomesOf>;
  readonly renewal: ReturnType<typeof renewalOf>;
}

export interface PortfolioOptions {
  /** The data ends with the day before, in UTC. Also the `changed_at` of all rows. */
  readonly now: Date;
  /** Of the user with this e-mail address. */
  readonly userId: (email: string) => string;
  readonly weights: Weights;
  /** The number of the oldest ticket; 1 when absent. */
  readonly firstTicket?: number;
}

const VERSIONS = {
  MonetX: ["4.0.2", "4.1.0", "4.2.1", "5.0.0"],
  SupportX: ["2.6.3", "2.7.0", "3.0.1", "3.1.0"],
  GreenX: ["1.2.0", "1.3.4", "1.4.0", "2.0.0"],
} as const satisfies Record<Product, readonly [string, ...string[]]>;

/** Fifteen companies, five of each industry. Sarah manages eight, James seven. */
const stories: readonly Story[] = [...telecommunications, ...technology, ...finance];

/** The demo customers; the same for the same day. */
export function portfolio({ firstTicket = 1, ...options }: PortfolioOptions): DemoCustomer[] {
  const beginnings = stories.map((story) => beginning(story, options));
  const numbers = ticketNumbers(
    beginnings.flatMap(({ interactions }) => interactions),
    firstTicket,
  );
  return beginnings.map((begun) => demoCustomer(begun, options, numbers));
}

/** How many tickets they have. */
export const countTickets = (customers: readonly DemoCustomer[]) =>
  customers.reduce((sum, { tickets }) => sum + tickets.length, 0);

/** A customer with what their interactions need: tickets are numbered across all customers. */
function beginning(story: Story, { now, userId }: Pick<PortfolioOptions, "now" | "userId">) {
  const random = randomOf(story.company);
  const today = startOfDay(now);
  const ends = daysAfter(today, story.contract.ends_in);
  const started = monthsBefore(ends, story.contract.months);
  const lastDay = story.churned === undefined ? undefined : daysAfter(today, -story.churned);
  const during = (instant: string) =>
    instant >= started.toISOString() && new Date(instant) < (lastDay ?? today);

  const customer = customerOf(story, { started, ends, now, userId }, random);
  const deployments = deploymentsOf(story, customer, random);
  const interactions = interactionsOf(story, { customer_id: customer.id, today, userId }, random).filter(
    ({ interaction_date: at }) => during(at) && new Date(at) < daysAfter(today, -(story.silent ?? 0)),
  );
  return { story, random, today, started, lastDay, during, customer, deployments, interactions };
}

function demoCustomer(
  begun: ReturnType<typeof beginning>,
  { now, userId, weights }: PortfolioOptions,
  numbers: ReadonlyMap<string, string>,
): DemoCustomer {
  const { story, random, today, started, lastDay, during, customer, deployments, interactions } = begun;
  const { id } = customer;
  const tickets = interactions.filter(({ interaction_type }) => interaction_type === "support_ticket");
  const responses = surveysOf(story, id, { today, started, deployments, tickets, numbers }, random);
  const left = lastDay && hoursAfter(lastDay, 10);
  const context = { story, today, started, left, userId };
  const received = responses
    .filter(({ submitted_at }) => during(submitted_at))
    .map((survey) => withLink(survey, context));
  const surveys = received.map(({ survey }) => survey);
  const life = { story, customer, deployments, interactions, surveys };
  const opened = ticketsOf(interactions, { ...context, surveys, numbers });
  const simulated = simulate(life, { now, today, left, weights }, random);
  return {
    ...simulated,
    deployments: left ? deployments.map((deployment) => deactivated(deployment, left)) : deployments,
    interactions: withTickets(interactions, opened),
    became: outcomesOf(story, customer, { today, now }),
    renewal: renewalOf(story, customer, simulated.scores, { today, now }),
    tickets: opened,
    surveys,
    links: [...received.flatMap(({ link }) => link ?? []), ...unansweredLinks(id, context)],
  };
}

interface ContractContext extends Omit<PortfolioOptions, "weights"> {
  readonly started: Date;
  readonly ends: Date;
}

function customerOf(
  story: Story,
  { started, ends, now, userId }: ContractContext,
  random: Random,
): StoredCustomer {
  const created_at = hoursAfter(started, random.whole(8 * 12, 16 * 12) / 12).toISOString();
  return {
    id: demoId("customer", story.company),
    company_name: story.company,
    industry: story.industry,
    contact_name: story.contact,
    contact_email: emailOf(story.contact, story),
    // Numbers that are kept free for films and examples (Ofcom).
    contact_phone: `+44 20 7946 0${random.whole(100, 999)}`,
    deployed_products: [...story.products],
    contract_start_date: dateOf(started),
    contract_end_date: dateOf(ends),
    contract_value: story.value * 100,
    account_manager_id: userId(story.manager.email),
    account_manager: story.manager.full_name,
    status: story.onboarding ? "onboarding" : "active",
    notes: story.notes,
    portal_enabled: random.next() < 0.5,
    created_at,
    updated_at: created_at,
    changed_at: now.toISOString(),
    revision: 1,
  };
}

/** Installed 7 to 30 days after the contract starts, licensed to its end. */
function deploymentsOf(story: Story, customer: StoredCustomer, random: Random): StoredDeployment[] {
  const started = new Date(`${customer.contract_start_date}T00:00:00Z`);
  return story.products.map((product_name) => {
    const installed = daysAfter(started, random.whole(7, 30));
    const created_at = hoursAfter(installed, random.whole(8 * 12, 16 * 12) / 12).toISOString();
    return {
      id: demoId("deployment", story.company, product_name),
      customer_id: customer.id,
      product_name,
      deployment_date: dateOf(installed),
      version: random.pick<string>(VERSIONS[product_name]),
      environment: story.environment,
      license_type: random.pick(["Enterprise", "Professional", "Standard"]),
      license_expiry: customer.contract_end_date ?? dateOf(started),
      is_active: true,
      created_at,
      updated_at: created_at,
      changed_at: customer.changed_at,
      revision: 1,
    };
  });
}

const deactivated = (deployment: StoredDeployment, left: Date): StoredDeployment => ({
  ...deployment,
  is_active: false,
  updated_at: left.toISOString(),
  revision: deployment.revision + 1,
});
