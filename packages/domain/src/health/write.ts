import { actionWrites } from "../alerts/index.ts";
import {
  CustomerEntity,
  chunkByWrites,
  commitIndependent,
  HealthScoreEntity,
  LatestScoreEntity,
  putItem,
  updateItem,
  type Write,
} from "../table/index.ts";
import type { Plan } from "./plan.ts";

/** A moved status, onto the customer that it was decided on. */
function moveWrite({ customer, latest, move }: Plan): Write[] {
  if (!move) return [];
  const patch = CustomerEntity.patch({ id: customer.id }).set({
    status: move.status,
    updated_at: latest.changed_at,
    changed_at: latest.changed_at,
    revision: customer.revision + 1,
  });
  const remembered = move.status_before_risk
    ? patch.set({ status_before_risk: move.status_before_risk })
    : patch.remove(["status_before_risk"]);
  return [updateItem(remembered.where(({ revision }, { eq }) => eq(revision, customer.revision)))];
}

function newestWrite({ before, latest }: Plan): Write {
  return putItem(
    LatestScoreEntity.put(latest).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );
}

/** What belongs to a score: history entry, newest score, a moved status and alerts. */
function planWrites(plan: Plan): Write[] {
  const at = new Date(plan.latest.changed_at);
  return [
    putItem(HealthScoreEntity.create(plan.score)),
    newestWrite(plan),
    ...moveWrite(plan),
    ...plan.alerts.flatMap((action) => actionWrites(action, at)),
  ];
}

/**
 * Writes scores with what belongs to them, each score all or nothing; up to 33 without alerts take one transaction.
 * Answers the plans that were not written because something they were made from has changed in between.
 */
export async function writePlans(plans: readonly Plan[]): Promise<readonly Plan[]> {
  const ready = plans.map((plan) => ({ plan, writes: planWrites(plan) }));
  const overtaken: Plan[] = [];
  for (const pack of chunkByWrites(ready, ({ writes }) => writes.length))
    overtaken.push(...(await commitIndependent(pack, ({ writes }) => writes)).map(({ plan }) => plan));
  return overtaken;
}
