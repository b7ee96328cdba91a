import { dashboard as group } from "@success-manager/contract/dashboard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { dayFrom } from "../support/dashboard/days.ts";
import { sender } from "../support/send.ts";

let cloud: TestCloud;
let dashboard: Api["dashboard"];
beforeAll(async () => {
  cloud = await testCloud();
  // Whoever may read may read the dashboard.
  dashboard = cloud.viewer.api.dashboard;
});
afterAll(() => cloud?.stop());

const inDays = (days: number) => dayFrom(new Date().toISOString().slice(0, 10), days);

describe("a system without customers", () => {
  const NONE = {
    total_customers: 0,
    active_customers: 0,
    at_risk_customers: 0,
    churned_customers: 0,
    onboarding_customers: 0,
    unknown_customers: 0,
  };

  const NO_MEAN = { value: null, low: null, high: null, n: 0, response_rate: null };

  it("has figures of nothing", async () => {
    expect((await dashboard.stats({})).body()).toEqual({
      ...NONE,
      customer_change_percentage: null,
      total_deployments: 0,
      deployments_by_product: { MonetX: 0, SupportX: 0, GreenX: 0 },
      total_contract_value: 0,
      avg_health_score: null,
      avg_csat_score: null,
      nps_score: null,
      ...{ csat: NO_MEAN, nps: { shown: false, ...NO_MEAN } },
      open_alerts: 0,
      critical_alerts: 0,
    });
    expect((await dashboard.overview({})).body()).toEqual({
      ...NONE,
      average_health_score: 0,
      average_csat: 0,
      average_csat_90_days: 0,
      ...{ csat: NO_MEAN, csat_90_days: NO_MEAN },
      total_contract_value: 0,
      contracts_expiring_30_days: 0,
      contracts_expiring_90_days: 0,
    });
    expect((await dashboard.healthDistribution({})).body()).toEqual({
      average_score: 0,
      excellent: { min: 80, max: 100, count: 0, percentage: 0 },
      good: { min: 60, max: 79, count: 0, percentage: 0 },
      at_risk: { min: 40, max: 59, count: 0, percentage: 0 },
      critical: { min: 0, max: 39, count: 0, percentage: 0 },
      bands: { low: 0, medium: 0, high: 0, critical: 0, unknown: 0 },
      total_scored: 0,
      churned_customers: 0,
    });
  });

  it("has empty lists, and ranges and bands that nobody is in", async () => {
    const empty = (name: string) => ({ name, count: 0, percentage: 0, total_value: 0 });
    expect((await dashboard.customerSegments({})).body()).toEqual({
      by_industry: [],
      by_contract_value_range: [
        empty("Enterprise ($500K+)"),
        empty("Mid-Market ($100K-$500K)"),
        empty("SMB ($25K-$100K)"),
        empty("Starter (<$25K)"),
      ],
      by_health_status: [
        empty("Excellent (80-100)"),
        empty("Good (60-79)"),
        empty("At Risk (40-59)"),
        empty("Critical (<40)"),
        empty("Not Scored"),
      ],
      by_band: [
        ...["Low risk", "Medium risk", "High risk", "Critical risk", "Unknown", "Not Scored"].map(empty),
      ],
      by_product_mix: [],
      churned_customers: 0,
    });
    expect((await dashboard.upcomingRenewals({})).body()).toEqual({
      renewals_30_days: [],
      renewals_60_days: [],
      renewals_90_days: [],
      count_30_days: 0,
      count_60_days: 0,
      count_90_days: 0,
      total_value_30_days: 0,
      total_value_60_days: 0,
      total_value_90_days: 0,
      churned_customers: 0,
    });
    const unused = {
      deployment_count: 0,
      active_deployments: 0,
      inactive_deployments: 0,
      active_ratio: 0,
      avg_health_score: null,
      avg_csat_score: null,
      csat: NO_MEAN,
      customer_count: 0,
    };
    expect((await dashboard.productPerformance({})).body()).toEqual({
      products: ["MonetX", "SupportX", "GreenX"].map((product) => ({ product, ...unused })),
      churned_customers: 0,
    });
    expect((await dashboard.accountManagerPerformance({})).body()).toEqual({
      managers: [],
      churned_customers: 0,
    });
    expect((await dashboard.topPerformers({})).body()).toEqual([]);
    expect((await dashboard.needsAttention({})).body()).toEqual([]);
    expect((await dashboard.recentActivity({})).body()).toEqual({ activities: [], total: 0 });
  });

  it("has trends without points", async () => {
    expect((await dashboard.healthTrends({})).body()).toEqual({
      period_type: "monthly",
      overall: [],
      by_product: [],
    });
    expect((await dashboard.csatTrends({})).body()).toEqual({
      overall: [],
      nps: [],
      by_product: [],
      by_survey_type: [],
    });
  });
});

describe("who may look at the dashboard", () => {
  const paths = Object.values(group.endpoints).map(({ path }) => group.prefix + path);

  it("twelve paths: everybody who is signed in, nobody else", async () => {
    expect(paths).toHaveLength(12);
    const send = sender(cloud.apiUrl);
    for (const path of paths) {
      for (const { token } of [cloud.viewer, cloud.manager, cloud.admin])
        expect([path, (await send("GET", path, { token })).status]).toEqual([path, 200]);
      const refused = await send("GET", path);
      expect([path, refused.status, refused.headers.get("www-authenticate")]).toEqual([path, 401, "Bearer"]);
      expect([path, (await send("GET", path, { token: "forged" })).status]).toEqual([path, 401]);
    }
  });

  it("with a slash at the end, and by HEAD", async () => {
    const send = sender(cloud.apiUrl);
    const { token } = cloud.viewer;
    for (const path of paths) {
      expect([path, (await send("GET", `${path}/`, { token })).status]).toEqual([path, 200]);
      const { status, text } = await send("HEAD", path, { token });
      expect([path, status, text]).toEqual([path, 200, ""]);
      expect([path, (await send("POST", path, { token })).status]).toEqual([path, 405]);
    }
  });
});

describe("what a caller asks for", () => {
  const ask = async (pathAndQuery: string) =>
    sender(cloud.apiUrl)("GET", `${group.prefix}${pathAndQuery}`, { token: cloud.viewer.token });
  /** Status, and the fields that were refused. */
  const refusal = async (pathAndQuery: string) => {
    const { status, json } = await ask(pathAndQuery);
    const { errors = [] } = json as { errors?: { loc: (string | number)[] }[] };
    return [status, ...new Set(errors.map(({ loc }) => loc.join(".")))].join(" ");
  };

  const LIMITS = [
    ["/top-performers", 20],
    ["/needs-attention", 50],
    ["/recent-activity", 200],
  ] as const;
  it.each(LIMITS)("%s shows from 1 to %s", async (path, most) => {
    expect(await refusal(`${path}?limit=1`)).toBe("200");
    // More than the most means the most.
    for (const limit of [most, most + 1]) expect(await refusal(`${path}?limit=${limit}`)).toBe("200");
    for (const limit of ["0", "-1", "1.5", "many", "", "1e1", "99999999999999999999"])
      expect([limit, await refusal(`${path}?limit=${limit}`)]).toEqual([limit, "422 query.limit"]);
  });

  it.each(["/health-trends", "/csat-trends", "/recent-activity"])("%s takes days only", async (path) => {
    for (const day of ["yesterday", "2026-02-30", "2026-13-01", "", "1899-12-31", "3000-01-01", "%00", "1"])
      for (const field of ["start_date", "end_date"])
        expect([day, await refusal(`${path}?${field}=${day}`)]).toEqual([day, `422 query.${field}`]);
    expect(await refusal(`${path}?start_date=2026-01-01T00:00:00Z&end_date=2026-01-31`)).toBe("200");
  });

  it("are no days that are the wrong way round", async () => {
    const days = "start_date=2026-02-01&end_date=2026-01-01";
    for (const path of ["/health-trends", "/csat-trends", "/recent-activity"])
      expect([path, await refusal(`${path}?${days}`)]).toEqual([path, "422 query.end_date"]);
    // Begins after today, where it ends unless something else is said.
    expect((await ask("/health-trends?start_date=2999-12-31")).json).toMatchObject({ overall: [] });
    expect((await ask("/recent-activity?start_date=2999-12-31")).json).toMatchObject({ activities: [] });
  });

  it("may lie at the ends of the calendar", async () => {
    for (const query of [
      "period_type=monthly&start_date=1900-01-01&end_date=1900-02-01",
      "period_type=daily&start_date=2999-12-31&end_date=2999-12-31",
      // 2999-12-31 is a Tuesday: its week ends in the year 3000, and is that year's first.
      "period_type=weekly&start_date=2999-12-23&end_date=2999-12-31",
      // The days before that a window has by itself lie before 1900.
      ...["daily", "weekly", "monthly"].map((type) => `period_type=${type}&end_date=1900-01-01`),
    ])
      expect(await ask(`/health-trends?${query}`)).toMatchObject({ status: 200, json: { overall: [] } });
    expect((await ask("/csat-trends?end_date=1900-01-01")).status).toBe(200);
    expect((await ask("/recent-activity?end_date=1900-01-01")).status).toBe(200);
    expect((await ask("/recent-activity?start_date=1900-01-01&end_date=2999-12-31")).status).toBe(200);
  });

  it("is at most 400 periods", async () => {
    const from = (days: number) => `start_date=${inDays(1 - days)}`;
    expect((await ask(`/health-trends?period_type=daily&${from(400)}`)).status).toBe(200);
    for (const path of [
      `/health-trends?period_type=daily&${from(401)}`,
      "/health-trends?period_type=weekly&start_date=2010-01-01&end_date=2020-01-01",
      "/health-trends?start_date=1900-01-01&end_date=2999-12-31",
      "/csat-trends?start_date=1900-01-01&end_date=2999-12-31",
    ])
      expect([path, await refusal(path)]).toEqual([path, expect.stringMatching(/^422 query\.\w+_date$/)]);
    expect((await ask("/csat-trends?start_date=1990-09-15&end_date=2023-12-15")).status).toBe(200);
  });

  it("is a period and a range that there are, and one way to say where it begins", async () => {
    for (const period_type of ["hourly", "Daily", ""])
      expect(await refusal(`/health-trends?period_type=${period_type}`)).toBe("422 query.period_type");
    for (const range of ["8d", "1Y", ""])
      expect(await refusal(`/health-trends?range=${range}`)).toBe("422 query.range");
    expect(await refusal("/health-trends?range=7d&start_date=2026-01-01")).toBe("422 query.range");
    expect(await refusal("/health-trends?range=7d&end_date=2026-01-01")).toBe("200");
    for (const [range, period_type] of [
      ["7d", "daily"],
      ["30d", "daily"],
      ["90d", "weekly"],
      ["1y", "monthly"],
    ])
      expect((await ask(`/health-trends?range=${range}`)).json).toMatchObject({ period_type });
  });

  it("never comes back in what is said about it, and what is unknown does no harm", async () => {
    const { status, text } = await ask("/health-trends?period_type=%3Cscript%3E");
    expect([status, text.includes("script")]).toEqual([422, false]);
    for (const { path } of Object.values(group.endpoints))
      expect([path, (await ask(`${path}?customer_id=1&limits=0&__proto__=1`)).status]).toEqual([path, 200]);
  });
});
