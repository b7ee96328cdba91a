import { healthBand, managerOf, newest } from "./counting.ts";
import { daysTo } from "./days.ts";
import type { CustomerFact } from "./facts.ts";

const RISK = { excellent: "low", good: "medium", at_risk: "high", critical: "critical" } as const;

const riskOf = (overall: number) => RISK[healthBand(overall) ?? "critical"];

/** A customer who stays and has a score, as both lists show them. */
function shown(customer: CustomerFact) {
  const score = newest(customer);
  if (customer.status === "churned" || score === undefined) return [];
  const { id, company_name, industry = null, status, contract_value } = customer;
  return [
    {
      customer: {
        id,
        company_name,
        industry,
        status,
        contract_value: contract_value === undefined ? null : contract_value / 100,
        account_manager: managerOf(customer),
      },
      health_score: {
        overall_score: score.overall,
        risk_level: riskOf(score.overall),
        score_trend: score.trend,
        calculated_at: score.at,
        // By version 1, which measures everything of everybody.
        ...{ definition_version: 1, coverage: 1, band: riskOf(score.overall) },
      },
    },
  ];
}

/** Everybody who could be a top performer, in no particular order among the same score. */
export const topPerformers = (customers: readonly CustomerFact[]) =>
  customers.flatMap(shown).sort((a, b) => b.health_score.overall_score - a.health_score.overall_score);

/** What there is to say about a customer, as words that each reason must hold. */
function expectedReasons(customer: CustomerFact, today: string): RegExp[] {
  const score = newest(customer);
  if (score === undefined) return [];
  const { status, contract_end_date: end } = customer;
  const days = end === undefined ? undefined : daysTo(today, end);
  const found = [
    score.overall < 40 && /critical/i,
    score.overall >= 40 && score.overall < 60 && /low/i,
    status === "at_risk" && /at[ _]risk/i,
    score.overall < 60 && new RegExp(`${riskOf(score.overall)}.*risk|risk.*${riskOf(score.overall)}`, "i"),
    score.trend === "declining" && /declin/i,
    score.adoption < 50 && /adoption/i,
    score.support < 50 && /support/i,
    score.engagement < 50 && /engagement/i,
    days === 0 && /contract ends today/i,
    days !== undefined &&
      days !== 0 &&
      days <= 60 &&
      new RegExp(`contract.*\\b${Math.abs(days)} days?\\b`, "i"),
  ];
  return found.filter((reason) => reason !== false);
}

/** Everybody who could need attention, lowest score first, with what there is to say. */
export const needsAttention = (customers: readonly CustomerFact[], today: string) =>
  customers
    .flatMap((customer) =>
      shown(customer).map(({ customer: person, health_score }) => {
        const score = newest(customer);
        return {
          customer: { ...person, contract_end_date: customer.contract_end_date ?? null },
          health_score: {
            ...health_score,
            adoption_score: score?.adoption,
            engagement_score: score?.engagement,
            support_score: score?.support,
            financial_score: score?.financial,
            product_adoption_score: score?.adoption,
            support_health_score: score?.support,
            financial_health_score: score?.financial,
            sla_compliance_score: null,
          },
          reasons: expectedReasons(customer, today),
        };
      }),
    )
    .sort((a, b) => a.health_score.overall_score - b.health_score.overall_score);
