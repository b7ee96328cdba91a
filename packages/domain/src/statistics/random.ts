import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Random numbers that follow from a seed alone: the same seed gives the same figures on every machine. */
export interface Random {
  /** From 0 to below 1. */
  uniform(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** Standard normal. */
  normal(): number;
  /** From 0 to 1; both parameters above 0. */
  beta(a: number, b: number): number;
  /** How many of so many independent tries succeed. */
  binomial(tries: number, probability: number): number;
}

/** @param seed any whole number; 32 bits of it count */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(generator);
  /** Box and Muller; of the pair one is used, so that no call depends on another's remainder. */
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

  /** The logarithm of a gamma variable, which a small shape would round to 0. */
  function logGamma(shape: number): number {
    if (shape < 1) return logGamma(shape + 1) + Math.log(1 - uniform()) / shape;
    // G. Marsaglia, W. Tsang: A simple method for generating gamma variables, ACM TOMS 26 (2000).
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return Math.log(d) + Math.log(v);
    }
  }

  return {
    uniform,
    normal,
    below: (limit) => Math.floor(uniform() * limit),
    beta: (a, b) => 1 / (1 + Math.exp(logGamma(b) - logGamma(a))),
    binomial(tries, probability) {
      let successes = 0;
      for (let i = 0; i < tries; i++) if (uniform() < probability) successes++;
      return successes;
    },
  };
}

/** The numbers from 0 to below `count` in a random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = kept;
  }
  return order;
}
