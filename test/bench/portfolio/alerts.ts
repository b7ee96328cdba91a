import { alertKey, openState } from "@success-manager/domain/alerts";
import type { AlertState, StoredAlert } from "@success-manager/domain/table";
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
    condition: alertKey.manual(id),
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

const daysAgo = (n: number) => (n * 37) % 300;

/** One of ten is snoozed. */
function open(company: Company, { instant }: Time): StoredAlert {
  const { n, customer } = company;
  return {
    ...raised(company, 0, instant(daysAgo(n) + 0.3)),
    ...(n % 10 === 0 && { snoozed_until: instant(-30), snoozed_by: customer.account_manager ?? "" }),
  };
}

function resolved(company: Company, { instant }: Time): StoredAlert {
  const days = daysAgo(company.n) + 20;
  const resolved_at = instant(days);
  return {
    ...raised(company, 1, instant(days + DAYS_OPEN)),
    is_resolved: true,
    resolved_by: company.customer.account_manager ?? "",
    resolved_at,
    updated_at: resolved_at,
    revision: 2,
  };
}

interface Alerts {
  readonly alerts: readonly StoredAlert[];
  readonly conditions: readonly AlertState[];
}

/** An open alert with its condition, and a resolved one, of which nothing is left to watch. */
export function alertsOf(company: Company, time: Time): Alerts {
  const { hasOpenAlert, hasResolvedAlert } = company.history;
  const alerts = hasOpenAlert(company.n) ? [open(company, time)] : [];
  return {
    alerts: [...alerts, ...(hasResolvedAlert ? [resolved(company, time)] : [])],
    conditions: alerts.map((alert) => openState(alert, undefined, new Date(alert.created_at))),
  };
}
