import { Activity } from "@success-manager/contract/dashboard";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem, deploymentItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import {
  type ActivityItem,
  alertActivity,
  customerActivity,
  deploymentActivity,
  interactionActivity,
  mergeNewest,
  surveyActivity,
} from "./activity-items.ts";

const AT = "2026-03-10T09:30:00.000Z";
const CUSTOMER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
const LONG = "a".repeat(102);
const CUT = `${"a".repeat(100)}…`;

async function rows(changes: Parameters<typeof customerItem>[2]) {
  const stored = table();
  stored.write(customerItem(CUSTOMER, 1, { company_name: "Acme", created_at: AT, ...changes }));
  stored.write(deploymentItem("d1", CUSTOMER, 1, { deployment_date: "2026-04-01", version: "2.1" }));
  stored.write(deploymentItem("d2", "unknown", 1));
  const copy = createDirectory(stored.feed);
  await copy.refresh();
  const [customer, known, unknown] = [
    copy.customers.get(CUSTOMER),
    copy.deployments.get("d1"),
    copy.deployments.get("d2"),
  ];
  if (!customer || !known || !unknown) throw new Error("they are there");
  return { customer, known, unknown };
}

describe("the feed shows", () => {
  it("a new customer with their contract's value in units", async () => {
    const { customer } = await rows({ contract_value: 12_500_050, industry: "Energy" });
    expect(customerActivity(customer)).toEqual({
      id: CUSTOMER,
      activity_type: "new_customer",
      title: "New customer",
      description: "Acme",
      customer_id: CUSTOMER,
      customer_name: "Acme",
      timestamp: AT,
      metadata: { contract_value: 125_000.5, industry: "Energy" },
    });
  });

  it("a new customer without a value, and one of nothing", async () => {
    const { customer } = await rows({});
    expect(customerActivity(customer).metadata).toEqual({ contract_value: null, industry: null });
    const { customer: free } = await rows({ contract_value: 0 });
    expect(customerActivity(free).metadata).toEqual({ contract_value: 0, industry: null });
  });

  it("a deployment at the first moment of its day, also of a customer nobody knows", async () => {
    const { known, unknown } = await rows({});
    expect(deploymentActivity(known)).toEqual({
      id: "d1",
      activity_type: "new_deployment",
      title: "MonetX deployed",
      description: "Version 2.1",
      customer_id: CUSTOMER,
      customer_name: "Acme",
      timestamp: "2026-04-01T00:00:00.000Z",
      metadata: { product: "MonetX", environment: "cloud", license_type: "Enterprise" },
    });
    expect(deploymentActivity(unknown).customer_name).toBeNull();
  });

  it("an interaction by its type and subject, with the name of who had it", () => {
    const row = {
      id: "i1",
      customer_id: CUSTOMER,
      interaction_type: "support_ticket",
      subject: "Login fails",
      sentiment: "negative",
      performed_by: "Grace",
      interaction_date: AT,
    } as const;
    expect(interactionActivity(row, "Acme")).toEqual({
      id: "i1",
      activity_type: "interaction",
      title: "Support Ticket",
      description: "Login fails",
      customer_id: CUSTOMER,
      customer_name: "Acme",
      timestamp: AT,
      metadata: { type: "support_ticket", sentiment: "negative", performed_by: "Grace" },
    });
    const byId = { ...row, performed_by: CUSTOMER, performed_by_name: "Grace Hopper" };
    expect(interactionActivity(byId, undefined)).toMatchObject({
      customer_name: null,
      metadata: { performed_by: "Grace Hopper" },
    });
  });

  it("a survey response with its score on its own scale", () => {
    const row = { id: "s1", customer_id: CUSTOMER, submitted_at: AT, score: 4 } as const;
    expect(surveyActivity({ ...row, survey_type: "quarterly", feedback_text: LONG }, "Acme")).toEqual({
      id: "s1",
      activity_type: "csat",
      title: "Quarterly Survey: 4/5",
      description: CUT,
      customer_id: CUSTOMER,
      customer_name: "Acme",
      timestamp: AT,
      metadata: { score: 4, survey_type: "quarterly" },
    });
    expect(surveyActivity({ ...row, survey_type: "nps" }, "Acme")).toMatchObject({
      title: "NPS Survey: 4/10",
      description: null,
    });
    expect(surveyActivity({ ...row, survey_type: "nps", score: 0 }, "Acme").title).toBe("NPS Survey: 0/10");
  });

  it("an alert, cut where it grows long", () => {
    const row = {
      id: "a1",
      customer_id: CUSTOMER,
      alert_type: "low_csat",
      severity: "high",
      title: "Low score",
      description: LONG,
      is_resolved: false,
      created_at: AT,
    } as const;
    const { id: _, ...shown } = alertActivity(row, "Acme");
    expect(Activity.parse(shown)).toEqual({
      activity_type: "alert",
      title: "Low score",
      description: CUT,
      customer_id: CUSTOMER,
      customer_name: "Acme",
      timestamp: AT,
      metadata: { severity: "high", alert_type: "low_csat", is_resolved: false },
    });
  });
});

const TYPES = Activity.shape.activity_type.options;

const item = (activity_type: ActivityItem["activity_type"], timestamp: string, id: string): ActivityItem => ({
  id,
  activity_type,
  title: id,
  description: null,
  customer_id: null,
  customer_name: null,
  timestamp,
  metadata: null,
});

/** Few instants, so that many activities have the same one. */
const source = (type: ActivityItem["activity_type"]) =>
  fc
    .uniqueArray(fc.record({ hour: fc.nat({ max: 5 }), id: fc.nat({ max: 30 }) }), {
      selector: ({ id }) => id,
      maxLength: 12,
    })
    .map((all) =>
      all
        .map(({ hour, id }) =>
          item(type, `2026-03-10T0${hour}:00:00.000Z`, `${type} ${String(id).padStart(2, "0")}`),
        )
        .sort((a, b) => (`${a.timestamp}#${a.id}` < `${b.timestamp}#${b.id}` ? 1 : -1)),
    );
const sources = fc.tuple(...TYPES.map(source));

const titles = (activities: readonly Activity[]) => activities.map(({ title }) => title);

describe("activities of several sources", () => {
  it("are shown newest first, each once", () => {
    fc.assert(
      fc.property(sources, (sources) => {
        const shown = mergeNewest(sources, 1_000);
        expect(titles(shown).toSorted()).toEqual(titles(sources.flat()).toSorted());
        const times = shown.map(({ timestamp }) => timestamp);
        expect(times).toEqual(times.toSorted().reverse());
      }),
    );
  });

  it("begin the same, however many are asked for and in whatever order the sources come", () => {
    fc.assert(
      fc.property(sources, fc.nat({ max: 30 }), (sources, limit) => {
        const first = sources.map((items) => items.slice(0, limit));
        const all = titles(mergeNewest(sources, 1_000));
        expect(titles(mergeNewest(first, limit))).toEqual(all.slice(0, limit));
        expect(titles(mergeNewest(first.toReversed(), limit))).toEqual(all.slice(0, limit));
      }),
    );
  });

  it("do not show the ids that they are sorted by", () => {
    const [shown] = mergeNewest([[item("csat", "2026-03-10T00:00:00.000Z", "1")]], 1);
    expect(shown).not.toHaveProperty("id");
  });
});
