import {
  AlertEntity,
  AlertStateEntity,
  CustomerEntity,
  DeploymentEntity,
  HealthScoreEntity,
  InteractionEntity,
  LastInteractionEntity,
  LatestScoreEntity,
  OutcomeEntity,
  OutcomeLedgerEntity,
  SurveyEntity,
  SurveyLinkEntity,
} from "@success-manager/domain/table";
import type { Item } from "../../../packages/domain/src/counters/contributions.ts";
import { alertsOf } from "./alerts.ts";
import { answersOf, linkOf } from "./answers.ts";
import { company } from "./company.ts";
import { contactsOf, lastContactOf } from "./contacts.ts";
import type { History } from "./history.ts";
import { outcomesOf } from "./outcomes.ts";
import { scoresOf } from "./scores.ts";
import type { Time } from "./time.ts";

interface Operation {
  params<P>(options: { readonly table: string }): P;
}

/** What an entity would send to its table, whichever that is. */
export const itemOf = (operation: Operation): Item =>
  operation.params<{ readonly Item: Item }>({ table: "the table" }).Item;

/** All items of the n-th customer, without counters. */
export function itemsOf(n: number, time: Time, history: History): Item[] {
  const whole = company(n, time, history);
  const contacts = contactsOf(whole, time);
  const link = linkOf(whole, time);
  const answers = answersOf(whole, link, time);
  const { alerts, conditions } = alertsOf(whole, time);
  const { outcomes, ledger } = outcomesOf(whole, time);
  const { scores, latest } = scoresOf(whole, contacts, answers, time);
  return [
    CustomerEntity.put(whole.customer),
    ...whole.deployments.map((deployment) => DeploymentEntity.put(deployment)),
    ...contacts.map((contact) => InteractionEntity.put(contact)),
    LastInteractionEntity.put(lastContactOf(whole, contacts, time)),
    ...answers.map((answer) => SurveyEntity.put(answer)),
    SurveyLinkEntity.put(link),
    ...outcomes.map((outcome) => OutcomeEntity.put(outcome)),
    OutcomeLedgerEntity.put(ledger),
    ...alerts.map((alert) => AlertEntity.put(alert)),
    ...conditions.map((condition) => AlertStateEntity.put(condition)),
    ...scores.map((score) => HealthScoreEntity.put(score)),
    ...(latest ? [LatestScoreEntity.put(latest)] : []),
  ].map(itemOf);
}
