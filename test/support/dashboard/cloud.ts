import { type Api, type TestCloud, testCloud } from "../cloud.ts";
import { type CustomerFact, portfolioFacts } from "./facts.ts";
import { writePortfolio } from "./write-portfolio.ts";

const SIZE = 60;

export interface PortfolioCloud {
  readonly cloud: TestCloud;
  /** Of somebody who may read. */
  readonly api: Api;
  /** All that the portfolio consists of. */
  readonly facts: readonly CustomerFact[];
  /** When it was written down, and that day. */
  readonly now: Date;
  readonly today: string;
}

/** A cloud with a portfolio that a test can count by itself. */
export async function portfolioCloud(): Promise<PortfolioCloud> {
  const cloud = await testCloud();
  // Somebody who has left the team is still named where they managed customers.
  const former = await cloud.person("manager");
  const now = new Date();
  const managers = await Promise.all(
    [cloud.manager, cloud.admin, former].map(async ({ api }) => (await api.auth.me({})).body()),
  );
  await cloud.admin.api.users.remove({ params: { user_id: former.id } });
  const facts = portfolioFacts(SIZE, now, managers);
  await writePortfolio(cloud, facts);
  return { cloud, api: cloud.viewer.api, facts, now, today: now.toISOString().slice(0, 10) };
}
