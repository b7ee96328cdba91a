import type { HealthBand } from "@success-manager/contract/dashboard-figures";
import type { HealthRisk } from "@success-manager/contract/vocabulary";
import { expect } from "vitest";
import type { CustomerFact } from "./facts.ts";

/** Halves up, as people round; whole numbers all the way, so that nothing gets lost. */
export const rounded = (sum: number, count: number, decimals: number) => {
  const scale = 10 ** decimals;
  return Math.floor((2 * sum * scale + count) / (2 * count)) / scale;
};
export const meanOf = (values: readonly number[], decimals: number): number | null =>
  values.length === 0
    ? null
    : rounded(
        values.reduce((sum, value) => sum + value, 0),
        values.length,
        decimals,
      );
/** About this: which of the parts of a whole are rounded up, so that they add up to 100, is not counted by hand. */
export const shareOf = (part: number, whole: number): number =>
  expect.closeTo(whole === 0 ? 0 : (100 * part) / whole, 0);
export const amountOf = (customers: readonly CustomerFact[]) =>
  customers.reduce((cents, { contract_value = 0 }) => cents + contract_value, 0) / 100;

export const newest = ({ scores }: CustomerFact) => scores.at(-1);
export const overallOf = (customers: readonly CustomerFact[]) =>
  customers.flatMap((customer) => newest(customer)?.overall ?? []);
export const stays = ({ status }: CustomerFact) => status !== "churned";
export const managerOf = ({ linked, account_manager }: CustomerFact) =>
  linked?.full_name ?? account_manager ?? "";
export const openAlerts = (customers: readonly CustomerFact[]) =>
  customers.flatMap(({ alerts }) => alerts).filter(({ state }) => /^(open|was snoozed)$/.test(state));
export const satisfaction = (customers: readonly CustomerFact[]) =>
  customers.flatMap(({ responses }) => responses).filter(({ survey_type }) => survey_type !== "nps");

/** Promoters less detractors in percent; halves to the even neighbour. */
export function npsOf(scores: readonly number[]): number | null {
  if (scores.length === 0) return null;
  const balance = scores.filter((score) => score >= 9).length - scores.filter((score) => score <= 6).length;
  const below = Math.floor((100 * balance) / scores.length);
  const over = 200 * balance - 2 * below * scores.length;
  const up = over > scores.length || (over === scores.length && below % 2 !== 0);
  return below + (up ? 1 : 0);
}

export const healthBand = (overall: number | undefined): HealthBand | null => {
  if (overall === undefined) return null;
  if (overall >= 80) return "excellent";
  if (overall >= 60) return "good";
  return overall >= 40 ? "at_risk" : "critical";
};

/** By version 1 a band is a range of numbers. */
export const riskBand = (overall: number | undefined): HealthRisk | null => {
  const band = healthBand(overall);
  return band && ({ excellent: "low", good: "medium", at_risk: "high", critical: "critical" } as const)[band];
};

/** A figure with its sample: value and answers counted here, the interval around the value. */
export const meanFigure = (scores: readonly number[]): unknown =>
  expect.objectContaining({ value: meanOf(scores, 2), n: scores.length });

/** The same of net promoter scores, shown from five answers on. */
export const npsFigure = (scores: readonly number[]): unknown =>
  expect.objectContaining({
    ...{ shown: scores.length >= 5, value: scores.length >= 5 ? npsOf(scores) : null },
    n: scores.length,
  });
