import { config } from "../config.ts";
import { parseWeights, type Weights } from "./formula.ts";

let weights: Weights | undefined;

/** The weights of this stage, parsed once. */
export function configuredWeights(): Weights {
  weights ??= parseWeights(config().HEALTH_WEIGHTS);
  return weights;
}
