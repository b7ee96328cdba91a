import { UNSPECIFIED } from "@success-manager/contract/vocabulary";
import { dateOf } from "@success-manager/domain/calendar";
import { factOf } from "@success-manager/domain/outcomes";
import type { OutcomeLedger, StoredCustomer, StoredOutcome } from "@success-manager/domain/table";
import { daysAfter, hoursAfter } from "./dates.ts";
import { demoId } from "./random.ts";
import type { Story } from "./stories/story.ts";

/** What became of a demo customer, and the ledger of it; undefined for nothing. */
export function outcomesOf(
  story: Story,
  customer: StoredCustomer,
  { today, now }: { readonly today: Date; readonly now: Date },
): { readonly outcomes: readonly StoredOutcome[]; readonly ledger: OutcomeLedger } | undefined {
  const outcomes = (story.outcomes ?? []).map((told, n): StoredOutcome => {
    const day = daysAfter(today, -told.ago);
    const recorded_at = hoursAfter(day, 11).toISOString();
    const left = told.kind === "churned";
    return {
      id: demoId("outcome", story.company, n),
      customer_id: customer.id,
      kind: told.kind,
      effective_on: dateOf(day),
      ...(told.notice !== undefined && { notice_on: dateOf(daysAfter(today, -told.notice)) }),
      amount_before: (told.from ?? story.value) * 100,
      amount_after: left ? 0 : story.value * 100,
      reason: told.reason ?? UNSPECIFIED,
      ...(told.note !== undefined && { note: told.note }),
      ...(left && { voluntary: true }),
      source: "person",
      is_withdrawn: false,
      created_at: recorded_at,
      recorded_at,
      recorded_by_name: story.manager.full_name,
      version: 1,
      revision: 1,
    };
  });
  if (outcomes.length === 0) return undefined;
  const began_on = customer.contract_start_date ?? customer.created_at.slice(0, 10);
  const facts = JSON.stringify(outcomes.map(factOf));
  const ledger = { customer_id: customer.id, began_on, facts, changed_at: now.toISOString(), revision: 1 };
  return { outcomes, ledger };
}
