import { createHash } from "node:crypto";
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";

/** How much each customer has: the portfolio that the reference was measured with. */
const EACH = { deployments: 2, interactions: 10, surveys: 4, scores: 6 };
const DAY_MS = 24 * 60 * 60 * 1000;
const BATCH = 25;
const WRITES_AT_ONCE = 8;

/** The same id for the same thing in every run. */
function id(kind: string, n: number): string {
  const hex = createHash("sha256").update(`${kind}${n}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const pick = <T>(values: readonly [T, ...T[]], n: number): T => values[n % values.length] ?? values[0];

/**
 * Writes `customers` customers with products, contacts, surveys and scores straight into the table of this
 * process's environment. Answers the id of one in the middle.
 */
export async function fill(customers: number): Promise<string> {
  const [{ dynamo, tableName }, { CustomerEntity }, { DeploymentEntity }] = await Promise.all([
    import("@success-manager/domain/table"),
    import("@success-manager/domain/customer"),
    import("@success-manager/domain/deployment"),
  ]);
  const [{ InteractionEntity }, { SurveyEntity }, { HealthScoreEntity, LatestScoreEntity, plan }] =
    await Promise.all([
      import("@success-manager/domain/interaction"),
      import("@success-manager/domain/survey"),
      import("@success-manager/domain/health"),
    ]);
  const now = Date.now();
  const instant = (daysAgo: number) => new Date(now - daysAgo * DAY_MS).toISOString();
  const day = (daysAgo: number) => instant(daysAgo).slice(0, 10);
  const itemOf = (put: { params(): object }) => (put.params() as { Item: Record<string, unknown> }).Item;

  /** All items of a customer. */
  const itemsOf = (n: number) => {
    const customer_id = id("customer", n);
    const created_at = instant(700 - (n % 600));
    const stamp = { created_at, updated_at: created_at, changed_at: created_at, revision: 1 };
    const customer = {
      id: customer_id,
      company_name: `Company ${String(n).padStart(6, "0")} ${pick(["Networks", "Bank", "Software", "Energy"], n)}`,
      industry: pick(["Telecommunications", "Financial Services", "Technology", "Energy", "Retail"], n),
      contact_name: `Contact ${n}`,
      contact_email: `contact${n}@company${n}.example`,
      deployed_products: [] as string[],
      contract_start_date: day(400 + (n % 300)),
      contract_end_date: day(30 - (n % 500)),
      contract_value: 1_000_00 * ((n * 7919) % 5000),
      account_manager: pick(["Sarah Johnson", "James Wilson", "Emily Brown"], n),
      status: pick(["active", "active", "active", "at_risk", "onboarding", "churned"] as const, n),
      portal_enabled: false,
      ...stamp,
    };
    const deployments = Array.from({ length: EACH.deployments }, (_, i) => ({
      id: id("deployment", n * 10 + i),
      customer_id,
      product_name: pick(["MonetX", "SupportX", "GreenX"] as const, n + i),
      deployment_date: day(300),
      version: `4.${i}`,
      environment: pick(["cloud", "on_premise", "hybrid"] as const, n),
      license_type: "Enterprise",
      license_expiry: day(-((n * 13) % 400)),
      is_active: n % 9 !== 0,
      ...stamp,
    }));
    const contacts = Array.from({ length: EACH.interactions }, (_, i) => ({
      id: id("interaction", n * 100 + i),
      customer_id,
      interaction_type: pick(["meeting", "call", "email", "support_ticket", "training"] as const, n + i),
      subject: "Quarterly check",
      description: "Talked through usage and open questions of the team.",
      sentiment: pick(["positive", "neutral", "negative"] as const, n * i),
      performed_by: "Sarah Johnson",
      interaction_date: instant(i * 17 + (n % 11) + 0.5),
      follow_up_required: false,
    }));
    const answers = Array.from({ length: EACH.surveys }, (_, i) => ({
      id: id("survey", n * 100 + i),
      customer_id,
      survey_type: pick(["nps", "quarterly", "post_ticket", "onboarding"] as const, i),
      score: i === 0 ? (n * 3) % 11 : 1 + ((n + i) % 5),
      submitted_by_name: `Contact ${n}`,
      submitted_at: instant(i * 40 + (n % 7) + 0.25),
    }));
    const scores = [];
    let latest: ReturnType<typeof plan>["latest"] | undefined;
    for (let month = EACH.scores; month >= 1; month--) {
      const planned = plan(
        { customer, latest, deployments, contacts, answers },
        new Date(now - month * 30 * DAY_MS),
        { adoption: 0.25, engagement: 0.25, support: 0.25, financial: 0.25 },
      );
      latest = { ...planned.latest, changed_at: created_at };
      scores.push(itemOf(HealthScoreEntity.put(planned.score)));
    }
    return [
      itemOf(CustomerEntity.put(customer)),
      ...deployments.map((deployment) => itemOf(DeploymentEntity.put(deployment))),
      ...contacts.map((contact) => itemOf(InteractionEntity.put(contact))),
      ...answers.map((answer) => itemOf(SurveyEntity.put(answer))),
      ...scores,
      ...(latest ? [itemOf(LatestScoreEntity.put(latest))] : []),
    ];
  };

  const write = async (items: Record<string, unknown>[]) => {
    let left: Record<string, unknown>[] = items;
    while (left.length > 0) {
      const requests = left.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems = {} } = await dynamo.send(
        new BatchWriteCommand({ RequestItems: { [tableName]: requests } }),
      );
      left = (UnprocessedItems[tableName] ?? []).flatMap(({ PutRequest }) => PutRequest?.Item ?? []);
    }
  };
  const limit = pLimit(WRITES_AT_ONCE);
  const perWave = 200;
  for (let from = 0; from < customers; from += perWave) {
    const items = Array.from({ length: Math.min(perWave, customers - from) }, (_, i) =>
      itemsOf(from + i),
    ).flat();
    const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) =>
      items.slice(i * BATCH, (i + 1) * BATCH),
    );
    await Promise.all(batches.map((batch) => limit(write, batch)));
  }
  return id("customer", Math.floor(customers / 2));
}
