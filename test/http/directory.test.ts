import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const ROUNDS = 12;
/** Readers at once, so that several instances of a function answer, each with a copy of its own. */
const READERS = 3;

/** What several readers who ask at once are told. */
const readers = <T>(ask: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: READERS }, () => ask()));
const everyReader = <T>(answer: T): T[] => Array.from({ length: READERS }, () => answer);

/** Does something many times, and each time looks at the very next request whether others see it. */
async function eachTime(round: (n: number) => Promise<void>) {
  for (let n = 0; n < ROUNDS; n++) await round(n);
}

let names = 0;
const customer = async (body: object = {}) =>
  (await api.customers.create({ body: { company_name: `Seen ${++names}`, ...body } })).body();
const change = (id: string, body: object) => api.customers.update({ params: { id }, body });
const deploy = async (customer_id: string, product_name: "MonetX" | "SupportX" | "GreenX") =>
  (
    await api.deployments.create({
      body: {
        customer_id,
        product_name,
        deployment_date: "2026-01-01",
        version: "1",
        environment: "cloud",
        license_type: "Enterprise",
        license_expiry: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
      },
    })
  ).body();
const calculate = async (customer_id: string, body: object = {}) =>
  (await api.healthScores.calculate({ params: { customer_id }, body })).body();

/** How a customer stands in a list of all customers. */
const listed = async (company_name: string) =>
  (await api.customers.list({ query: { search: company_name } })).body().customers[0];

/** What is changed through one function, and looked at through others. */
function changes() {
  it("a customer's new name is in the lists of deployments", async () => {
    const { id } = await customer();
    const deployment = await deploy(id, "MonetX");
    await eachTime(async (n) => {
      await change(id, { company_name: `Renamed ${names} ${n}` });
      const seen = await readers(async () => {
        const { deployments } = (await api.deployments.list({ query: { customer_id: id } })).body();
        const expiring = (await api.deployments.expiring({ query: { limit: 100 } })).body().deployments;
        return [deployments[0], expiring.find((row) => row.id === deployment.id)].map(
          (row) => row?.customer_name,
        );
      });
      expect(seen).toEqual(everyReader([`Renamed ${names} ${n}`, `Renamed ${names} ${n}`]));
    });
  });

  it("a customer's new name, manager and status are in the lists of scores", async () => {
    const { id } = await customer({ contract_end_date: "2020-01-01" });
    await calculate(id);
    await eachTime(async (n) => {
      const body = {
        company_name: `Endangered ${names} ${n}`,
        account_manager: `Somebody ${n}`,
        status: n % 2 === 0 ? "active" : "onboarding",
      };
      await change(id, body);
      const seen = await readers(async () => {
        const { customers } = (
          await api.healthScores.atRisk({ query: { threshold: 100, limit: 100 } })
        ).body();
        const row = customers.find(({ customer_id }) => customer_id === id);
        return {
          company_name: row?.company_name,
          account_manager: row?.account_manager,
          status: row?.status,
        };
      });
      expect(seen).toEqual(everyReader(body));
    });
  });

  it("a new deployment, and its end, are in the list of customers and in the figures of deployments", async () => {
    const { id, company_name } = await customer();
    await eachTime(async (n) => {
      const before = (await api.deployments.stats({})).body().by_product;
      const product = (["MonetX", "SupportX", "GreenX"] as const)[n % 3] ?? "MonetX";
      const deployment = await deploy(id, product);
      expect(await readers(async () => (await listed(company_name))?.products)).toEqual(
        everyReader([product]),
      );
      const figures = () => readers(async () => (await api.deployments.stats({})).body().by_product);
      expect(await figures()).toEqual(everyReader({ ...before, [product]: before[product] + 1 }));
      await api.deployments.remove({ params: { id: deployment.id } });
      expect(await readers(async () => (await listed(company_name))?.products)).toEqual(everyReader([]));
      expect(await figures()).toEqual(everyReader(before));
    });
  });

  it("a new score is in the lists of customers and deployments", async () => {
    const { id, company_name } = await customer();
    const deployment = await deploy(id, "GreenX");
    await eachTime(async (n) => {
      await change(id, { contract_end_date: n % 2 === 0 ? "2020-01-01" : "2090-01-01" });
      const { overall_score, calculated_at } = await calculate(id, { product_deployment_id: deployment.id });
      const seen = await readers(async () => {
        const query = { limit: 100 };
        const { deployments } = (
          await api.deployments.byProduct({ params: { name: "GreenX" }, query })
        ).body();
        return [
          (await listed(company_name))?.latest_health_score?.calculated_at,
          deployments.find((row) => row.id === deployment.id)?.latest_health_score,
        ];
      });
      expect(seen).toEqual(everyReader([calculated_at, overall_score]));
    });
  });

  it("a user's new name is the manager's in the list of customers", async () => {
    const person = await cloud.person("manager");
    const { company_name } = await customer({ account_manager_id: person.id });
    await eachTime(async (n) => {
      const full_name = `Ada ${n}`;
      await cloud.admin.api.users.update({ params: { user_id: person.id }, body: { full_name } });
      expect(await readers(async () => (await listed(company_name))?.account_manager_name)).toEqual(
        everyReader(full_name),
      );
    });
  });
}

describe("at the very next request after a change,", changes);

describe("while hundreds of rows have just changed, at the very next request", () => {
  beforeAll(async () => {
    const { CustomerEntity } = await import("@success-manager/domain/table");
    const now = new Date().toISOString();
    const others = Array.from({ length: 150 }, () => ({
      id: randomUUID(),
      company_name: `Other ${++names}`,
      deployed_products: [],
      status: "active" as const,
      portal_enabled: false,
      created_at: now,
      updated_at: now,
      changed_at: now,
      revision: 1,
    }));
    await CustomerEntity.put(others).go();
    const { failed } = (await api.healthScores.calculateAll({})).body();
    expect(failed).toBe(0);
  });

  changes();
});
