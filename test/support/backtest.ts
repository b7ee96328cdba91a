import { randomUUID } from "node:crypto";
import type { BacktestRow } from "../../packages/domain/src/statistics/backtest.ts";
import { createRandom } from "../../packages/domain/src/statistics/random.ts";

const CUTS = ["2025-06-01", "2025-07-01", "2025-08-01", "2025-09-01", "2025-10-01", "2025-11-01"];

/** Measures that tell nothing. */
const OTHERS = ["support", "mood", "silence"];

/** What is known of made-up customers at six cuts; the same each time. */
export interface MadeRows {
  readonly customers: number;
  /** How many of a hundred customers leave in a quarter, by and large. */
  readonly leaving: number;
  /** How much of a customer's health the score sees, 0 to 1; 0 is chance. */
  readonly sight: number;
}

const bandOf = (score: number) => {
  if (score >= 80) return "low";
  if (score >= 60) return "medium";
  return score >= 40 ? "high" : "critical";
};

/** Rows of customers who leave the rather, the less healthy they are; the score sees some of that. */
export function madeRows({ customers, leaving, sight }: MadeRows): BacktestRow[] {
  const random = createRandom(7);
  const uniform = () => random.below(1_000_000) / 1_000_000;
  return Array.from({ length: customers }, (_, n) => {
    const health = uniform();
    const seen = sight * health + (1 - sight) * uniform();
    const left_at = CUTS.findIndex(() => uniform() < (leaving / 100) * 3 * (1 - health) ** 2);
    const left_on = left_at < 0 ? null : `${CUTS[left_at]?.slice(0, 8)}20`;
    return CUTS.slice(0, left_at < 0 ? CUTS.length : left_at + 1).map((cut, at): BacktestRow => {
      const score = Math.round(100 * Math.min(1, Math.max(0, seen + 0.1 * (uniform() - 0.5))));
      const isKnown = uniform() > 0.1;
      return {
        ...{ customer_id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`, cut },
        ...(isKnown ? { score, band: bandOf(score) } : { score: null, band: "unknown" }),
        measures: {
          products: Math.round(100 * uniform()),
          contacts: score,
          satisfaction: uniform() < 0.4 ? Math.round(100 * uniform()) : null,
          ...Object.fromEntries(OTHERS.map((key) => [key, Math.round(100 * uniform())])),
        },
        ...{ left_on, left_within_horizon: at === left_at },
      };
    });
  }).flat();
}

/**
 * Puts a back-test that is done into the table that this process talks to; answers its id.
 *
 * @param changes of the item @param found of its result
 */
export async function putBacktest(
  made: Partial<MadeRows> = {},
  changes: Readonly<Record<string, unknown>> = {},
  found: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  // Loaded late: the domain reads the table's name when it is.
  const { commit, put, ScoreBacktestEntity } = await import("@success-manager/domain/table");
  const { RECOMMENDED } = await import("@success-manager/domain/health");
  const { contentOf } = await import("../../packages/domain/src/backtests/job.ts");
  const { encodeResult } = await import("../../packages/domain/src/backtests/api.ts");
  const [like] = RECOMMENDED.measures;
  if (!like) throw new Error("There is no measure to make others like");
  const keys = ["products", "contacts", "satisfaction", ...OTHERS];
  const measures = keys.map((key) => ({ ...like, key }));
  const content = { ...RECOMMENDED, measures };
  const tested = madeRows({ customers: 400, leaving: 6, sight: 0.7, ...made });
  const question = {
    ...{ definition: { ...content, version: 0 }, segment: {}, cuts: CUTS, horizon_days: 90 },
    ...({ known_by: "recorded", known_until: "2026-03-01" } as const),
  };
  const in_use = madeRows({
    customers: 400,
    leaving: 6,
    sight: 0.3,
    ...made,
    ...(made.sight === 0 && { sight: 0.6 }),
  });
  const gathered = { tested, in_use, versions: new Set([1]), late: 12, unreadable: 0 };
  const result = { ...(await contentOf(question, gathered, 0)), ...found };
  const [id, at] = [randomUUID(), new Date().toISOString()];
  await commit([
    put(ScoreBacktestEntity, {
      ...{ id, status: "completed", definition_id: randomUUID(), definition_revision: 1, content },
      ...{ horizon_days: 90, cuts: CUTS, segment: {}, known_by: "recorded", attempts: 1, revision: 3 },
      ...{ customers: result.customers, done: result.customers, verdict: result.verdict },
      ...{ sentence: result.sentence, result: encodeResult(result), created_at: at, finished_at: at },
      created_by: "Ada King",
      ...changes,
    }),
  ]);
  return id;
}
