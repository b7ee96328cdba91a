import { factOf } from "@success-manager/domain/outcomes";
import type { OutcomeLedger, StoredOutcome } from "@success-manager/domain/table";
import type { Company } from "./company.ts";
import { outcomeId, pick } from "./ids.ts";
import type { Time } from "./time.ts";

const REASONS = ["price_budget", "product_quality", "unspecified", "company_acquired"] as const;

/** What became of a customer: they pay more or less than before, and whose status says so have left. */
export function outcomesOf({ n, customer }: Company, { instant, day }: Time) {
  const now = customer.contract_value ?? 0;
  const before = n % 3 === 0 ? now * 2 + 100 : Math.floor(now / 2);
  const stamps = (ago: number) => ({
    effective_on: day(ago),
    created_at: instant(ago),
    recorded_at: instant(ago),
    recorded_by_name: "Sarah Johnson",
    version: 1,
    revision: 1,
  });
  const of = { customer_id: customer.id, source: "person", is_withdrawn: false } as const;
  const outcomes: StoredOutcome[] = [
    {
      ...{ id: outcomeId(n, 0), kind: before > now ? "contracted" : "expanded", ...of },
      ...{ amount_before: before, amount_after: now, reason: pick(REASONS, n), ...stamps(150 + (n % 200)) },
    },
  ];
  if (customer.status === "churned")
    outcomes.push({
      ...{ id: outcomeId(n, 1), kind: "churned", ...of, voluntary: true, note: "They told us by phone." },
      ...{ amount_before: now, amount_after: 0, reason: pick(REASONS, n), ...stamps(1 + (n % 140)) },
    });
  const ledger: OutcomeLedger = {
    customer_id: customer.id,
    began_on: customer.contract_start_date ?? "",
    facts: JSON.stringify(outcomes.map(factOf)),
    changed_at: customer.changed_at,
    revision: outcomes.length,
  };
  return { outcomes, ledger };
}
