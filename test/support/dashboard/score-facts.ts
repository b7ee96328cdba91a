import type { Product, ScoreTrend } from "@success-manager/contract/vocabulary";
import type { Random } from "../../../packages/demo/src/random.ts";
import { DAY_MS } from "./days.ts";
import type { DeploymentFact } from "./facts.ts";

export interface ScoreFact {
  /** Distinct for each score of a customer. */
  readonly at: string;
  readonly overall: number;
  readonly adoption: number;
  readonly engagement: number;
  readonly support: number;
  readonly financial: number;
  readonly trend: ScoreTrend;
  /** Deployments that were active then. */
  readonly running: readonly DeploymentFact[];
}

/** The bounds of every band. */
const EDGES = [0, 39, 40, 59, 60, 79, 80, 100, 100, 0] as const;

const whole = (random: Random) => random.whole(0, 100);

/** The first and the last moment of a day, and the same day twice, are among them. */
function momentOf(day: number, random: Random, now: Date): string {
  const date = new Date(now.getTime() - day * DAY_MS).toISOString().slice(0, 10);
  return random.pick([
    `${date}T00:00:00.000Z`,
    `${date}T23:59:59.999Z`,
    `${date}T08:15:00.000Z`,
    `${date}T16:45:30.500Z`,
  ]);
}

/** Up to ten scores of a customer, over a year and a half, oldest first; every fourth customer has none. */
export function scoresOf(
  n: number,
  deployments: readonly DeploymentFact[],
  random: Random,
  now: Date,
): ScoreFact[] {
  if (n % 4 === 3) return [];
  const days = Array.from({ length: random.whole(1, 10) }, () =>
    random.pick([random.whole(1, 20), random.whole(1, 120), random.whole(1, 540), 7]),
  );
  const moments = [...new Set(days.map((day) => momentOf(day, random, now)))].sort();
  return moments.map((at, k) => {
    const isNewest = k === moments.length - 1;
    return {
      at,
      overall: (isNewest ? EDGES[n] : undefined) ?? whole(random),
      adoption: whole(random),
      engagement: whole(random),
      support: whole(random),
      financial: whole(random),
      trend: random.pick(["improving", "stable", "declining"]),
      // What is inactive now was active in the first half of the time.
      running: k < moments.length / 2 ? deployments : deployments.filter(({ is_active }) => is_active),
    };
  });
}

export const productsOf = (deployments: readonly DeploymentFact[]): Product[] => [
  ...new Set(deployments.map(({ product }) => product)),
];
