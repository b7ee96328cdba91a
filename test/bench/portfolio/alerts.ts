import { type Condition, conditionOf, opened, type StoredAlert } from "@success-manager/domain/alert";
import type { Company } from "./company.ts";
import { alertId, pick } from "./ids.ts";
import type { Time } from "./time.ts";

const DAYS_OPEN = 2.5;

/** What a person has raised about the customer: checks and scores leave it alone. */
function raised({ n, customer }: Company, i: number, created_at: string): StoredAlert {
  const id = alertId(n, i);
  return {
    id,
    customer_id: customer.id,
    condition: conditionOf.manual(id),
    alert_type: pick(["escalation", "low_csat", "health_drop", "contract_expiry", "inactivity"], n + i),
    severity: pick(["low", "medium", "high", "critical"], n + i),
    title: "They think of leaving",
    description: `${customer.company_name} has asked twice for a plan and got none.`,
    created_by: customer.account_manager ?? "",
    is_resolved: false,
    created_at,
    updated_at: created_at,
    revision: 1,
  };
}

/** An open alert with its condition, one of ten snoozed, and a resolved one, of which nothing is left to watch. */
export function alertsOf(
  company: Company,
  { instant }: Time,
): {
  readonly alerts: readonly StoredAlert[];
  readonly condition: Condition;
} {
  const { n, customer } = company;
  const days = (n * 37) % 300;
  const created = instant(days + 0.3);
  const open: StoredAlert = {
    ...raised(company, 0, created),
    ...(n % 10 === 0 && { snoozed_until: instant(-30), snoozed_by: customer.account_manager ?? "" }),
  };
  const resolved_at = instant(days + 20);
  const resolved: StoredAlert = {
    ...raised(company, 1, instant(days + 20 + DAYS_OPEN)),
    is_resolved: true,
    resolved_by: customer.account_manager ?? "",
    resolved_at,
    updated_at: resolved_at,
    revision: 2,
  };
  return { alerts: [open, resolved], condition: opened(open, undefined, new Date(created)) };
}
