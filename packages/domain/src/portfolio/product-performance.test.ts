import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOf } from "../figures.ts";
import { customer, portfolioOf, portfolios, scoresOf, staying, sum } from "./fixture/rows.ts";
import { productPerformance } from "./performance.ts";

describe("figures of products", () => {
  it("count deployments and the customers who have or had them, without those who have left", () => {
    const [monetx, supportx, greenx] = productPerformance(
      portfolioOf([
        customer("a", { deployments: "MonetX MonetX (GreenX)", score: 90 }),
        customer("b", { deployments: "(MonetX)", score: 1, status: "churned" }),
        customer("c", { deployments: "MonetX" }),
      ]),
    );
    expect(monetx).toEqual({
      product: "MonetX",
      deployment_count: 3,
      active_deployments: 3,
      inactive_deployments: 0,
      active_ratio: 1,
      avg_health_score: 90,
      customer_count: 2,
    });
    expect(supportx).toEqual({
      product: "SupportX",
      deployment_count: 0,
      active_deployments: 0,
      inactive_deployments: 0,
      active_ratio: 0,
      avg_health_score: null,
      customer_count: 0,
    });
    expect(greenx).toMatchObject({ active_ratio: 0, avg_health_score: 90, customer_count: 1 });
  });

  it("are those of a count by hand", () => {
    fc.assert(
      fc.property(portfolios, (everybody) => {
        const rows = staying(everybody);
        for (const figures of productPerformance(portfolioOf(everybody))) {
          const users = rows.filter(({ deployments }) =>
            deployments.some((one) => one.product_name === figures.product),
          );
          const all = rows
            .flatMap(({ deployments }) => deployments)
            .filter(({ product_name }) => product_name === figures.product);
          const active = all.filter(({ is_active }) => is_active).length;
          expect(figures).toEqual({
            product: figures.product,
            deployment_count: all.length,
            active_deployments: active,
            inactive_deployments: all.length - active,
            active_ratio: meanOf(active, all.length, 2) ?? 0,
            avg_health_score: meanOf(sum(scoresOf(users)), scoresOf(users).length),
            customer_count: users.length,
          });
        }
      }),
    );
  });
});
