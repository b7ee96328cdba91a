import type { CustomerRow } from "../../directory/index.ts";
import type { LatestScore } from "../../table/index.ts";
import { COMPONENTS, LOW_COMPONENT } from "./health-words.ts";

/** What weighs on a score: components below 50, the lowest first; else the lowest of all that are not full. */
export function concernsOf(score: LatestScore): string {
  const components = COMPONENTS.map(([label, component]) => ({ label, value: score[component] })).sort(
    (a, b) => a.value - b.value,
  );
  const low = components.filter(({ value }) => value < LOW_COMPONENT);
  if (low.length > 0) return low.map(({ label, value }) => `${label} ${value}`).join(", ");
  const [lowest] = components;
  return lowest
    ? `No component below ${LOW_COMPONENT}; lowest is ${lowest.label.toLowerCase()}, ${lowest.value}`
    : "";
}

/** Who takes care of a customer. */
export const managerText = ({ account_manager_name }: CustomerRow) => account_manager_name || "Nobody yet";
