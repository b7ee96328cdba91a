import { Product } from "@success-manager/contract/vocabulary";
import type { AlertState, LatestScore, StoredCustomer, StoredDeployment } from "../table/index.ts";
import type { Evidence, Inputs } from "./definition.ts";
import type { RecentActivity } from "./inputs.ts";

/**
 * What a score was made of beside what happened. The newest score of a customer carries it in some fifty characters, so
 * that the next one can tell why it moved without reading the history (attribute `basis`):
 * `MonetX,SupportX|2025-01-01|2026-12-31|<open escalations>`.
 */
export interface Basis {
  readonly products: readonly Product[];
  readonly contract_start_date: string | undefined;
  readonly contract_end_date: string | undefined;
  readonly open_escalations: readonly Evidence[];
}

const INTERACTION = "interaction#";

/** Escalations whose alert nobody has resolved. */
const openEscalations = (states: readonly AlertState[]): Evidence[] =>
  states
    .filter(
      ({ condition, alert_type, state }) =>
        state === "open" && alert_type === "escalation" && condition.startsWith(INTERACTION),
    )
    .map(({ condition, created_at }) => ({
      type: "interaction",
      id: condition.slice(INTERACTION.length),
      at: created_at,
      what: "escalation",
    }));

/** How a customer stands now. */
export const basisOf = (
  { contract_start_date, contract_end_date }: StoredCustomer,
  deployments: readonly StoredDeployment[],
  states: readonly AlertState[],
): Basis => ({
  products: deployments.filter(({ is_active }) => is_active).map(({ product_name }) => product_name),
  contract_start_date,
  contract_end_date,
  open_escalations: openEscalations(states),
});

export const encodeBasis = ({ products, open_escalations, ...dates }: Basis): string =>
  [
    [...new Set(products)].sort().join(),
    dates.contract_start_date ?? "",
    dates.contract_end_date ?? "",
    open_escalations.map(({ id, at }) => `${id}@${at}`).join(),
  ].join("|");

const list = (text: string) => (text === "" ? [] : text.split(","));
const isProduct = (text: string): text is Product => Product.options.some((one) => one === text);

/** What `encodeBasis` encoded. */
function decodeBasis(text: string): Basis {
  const [products = "", start = "", end = "", escalations = ""] = text.split("|");
  return {
    products: list(products).filter(isProduct),
    contract_start_date: start || undefined,
    contract_end_date: end || undefined,
    open_escalations: list(escalations).map((one) => {
      const [id = "", at = ""] = one.split("@");
      return { type: "interaction", id, at, what: "escalation" };
    }),
  };
}

/**
 * What was known when a score was calculated, as far as it is still there: what happened, without what was recorded
 * later, and its basis. Of a score from before there was one it is how the customer stands now.
 *
 * A job may calculate a score of an earlier instant (`calculated_at`) than it is (`changed_at`): what had happened by the
 * one and was recorded by the other is in the score.
 */
export function inputsAt(
  { calculated_at, changed_at, basis }: Pick<LatestScore, "calculated_at" | "changed_at" | "basis">,
  { interactions, responses }: RecentActivity,
  now: Basis,
): Inputs {
  const wasKnown = ({ interaction_date: at, created_at = at }: RecentActivity["interactions"][number]) =>
    created_at <= calculated_at || (at <= calculated_at && created_at <= changed_at);
  return {
    ...(basis === undefined ? now : decodeBasis(basis)),
    interactions: interactions.filter(wasKnown),
    responses: responses.filter(({ submitted_at }) => submitted_at <= calculated_at),
  };
}
