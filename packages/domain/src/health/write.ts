import { createWriteTransaction } from "electrodb";
import { CustomerEntity } from "../customer/entity.ts";
import { transact } from "../table/index.ts";
import { HealthScoreEntity, LatestScoreEntity } from "./entity.ts";
import type { Plan } from "./plan.ts";

const entities = { score: HealthScoreEntity, latest: LatestScoreEntity, customer: CustomerEntity };

/** DynamoDB's limit of a transaction, and how many actions a customer needs at most. */
const ACTIONS = 100;
const ACTIONS_EACH = 3;
export const PLANS_PER_WRITE = Math.floor(ACTIONS / ACTIONS_EACH);

/** The attributes that a moved status writes. */
const movedStatus = ({ customer, latest }: Plan, status: NonNullable<Plan["move"]>["status"]) => ({
  status,
  updated_at: latest.changed_at,
  changed_at: latest.changed_at,
  revision: customer.revision + 1,
});

/**
 * Writes scores with what belongs to them, all or none: history entry, newest score and a moved status.
 * Answers false when something that a plan was made from has changed in between.
 */
export async function writePlans(plans: readonly Plan[]): Promise<boolean> {
  const failed = await transact(() =>
    createWriteTransaction(entities, ({ score, latest, customer }) =>
      plans.flatMap((plan) => {
        const { before, move } = plan;
        const writes = [
          score.create(plan.score).commit(),
          latest
            .put(plan.latest)
            .where(({ revision }, { eq, notExists }) =>
              before ? eq(revision, before.revision) : notExists(revision),
            )
            .commit(),
        ];
        if (!move) return writes;
        const patch = customer.patch({ id: plan.customer.id }).set(movedStatus(plan, move.status));
        const remembered = move.status_before_risk
          ? patch.set({ status_before_risk: move.status_before_risk })
          : patch.remove(["status_before_risk"]);
        return [
          ...writes,
          remembered.where(({ revision }, { eq }) => eq(revision, plan.customer.revision)).commit(),
        ];
      }),
    ),
  );
  return failed.length === 0;
}
