import { UNSPECIFIED } from "@success-manager/contract/vocabulary";
import { dateOf } from "@success-manager/domain/calendar";
import { factOf } from "@success-manager/domain/outcomes";
import { CREATED_BEFORE_DAYS, LEAD_DAYS, renewalId } from "@success-manager/domain/renewals";
import type {
  OutcomeLedger,
  StoredCustomer,
  StoredOutcome,
  StoredRenewal,
  StoredScore,
} from "@success-manager/domain/table";
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

/**
 * The renewal of a demo customer's term, with the scores on the days on which they are noted; undefined where its time
 * has not come.
 */
export function renewalOf(
  { contract, renewal }: Story,
  { id: customer_id, created_at: began, contract_end_date: term_end = "" }: StoredCustomer,
  scores: readonly StoredScore[],
  { today, now }: { readonly today: Date; readonly now: Date },
): StoredRenewal | undefined {
  if (contract.ends_in > CREATED_BEFORE_DAYS) return undefined;
  const ends = daysAfter(today, contract.ends_in);
  const due = hoursAfter(daysAfter(ends, -CREATED_BEFORE_DAYS), 2).toISOString();
  const created_at = due > began ? due : began;
  const scoreOn = (day: string) => scores.findLast(({ calculated_at }) => calculated_at.slice(0, 10) <= day);
  const lead_on = dateOf(daysAfter(ends, -LEAD_DAYS));
  const [created, lead] = [scoreOn(created_at.slice(0, 10)), scoreOn(lead_on)];
  const isLead = contract.ends_in <= LEAD_DAYS;
  return {
    ...{ id: renewalId(customer_id, 1), customer_id, number: 1, spell: 1, term_end },
    stage: renewal?.stage ?? "not_started",
    ...(renewal?.amount !== undefined && { amount: renewal.amount * 100 }),
    ...(renewal?.next !== undefined && { next_step: renewal.next }),
    ...(renewal?.due !== undefined && { next_step_due: dateOf(daysAfter(today, renewal.due)) }),
    ...(created && { created_score: created.overall_score }),
    created_band: created?.risk_level ?? "unknown",
    ...(isLead && { lead_on, lead_band: lead?.risk_level ?? "unknown" }),
    ...(isLead && lead && { lead_score: lead.overall_score }),
    ...{ created_at, updated_at: today.toISOString(), changed_at: now.toISOString(), revision: 1 },
  };
}
