import {
  type Action,
  CONTRACT,
  detectContractEnd,
  detectInactivity,
  detectLicenseEnds,
  HEALTH,
  INACTIVITY,
  LICENSE,
  reconcile,
  updateExisting,
} from "@success-manager/domain/alerts";
import { escalationFindings, retainedDates } from "@success-manager/domain/interactions";
import { lowScoreOf } from "@success-manager/domain/surveys";
import type {
  AlertState,
  StoredCustomer,
  StoredDeployment,
  StoredInteraction,
  StoredSurvey,
} from "@success-manager/domain/table";

/** What the real rules make of a customer's story. */
export interface Known {
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
  /** When somebody spoke with them so far, ISO instants. */
  readonly dates: readonly string[];
  readonly conditions: readonly AlertState[];
}

const silence = ({ customer, dates }: Known, at: Date) =>
  detectInactivity(
    {
      customer,
      contact: {
        customer_id: customer.id,
        dates: retainedDates(dates, at),
        changed_at: at.toISOString(),
        revision: 1,
      },
    },
    at,
  );

/** Somebody spoke with them. */
export const onContact = (contact: StoredInteraction, known: Known, at: Date): Action[] => [
  ...reconcile(escalationFindings(contact, undefined, undefined, known.customer.company_name), []),
  ...updateExisting(
    silence(known, at),
    known.conditions.filter(({ condition }) => condition === INACTIVITY),
  ),
];

/** They answered a survey. */
export function onAnswer(answer: StoredSurvey, { customer }: Known): Action[] {
  const finding = lowScoreOf(answer, customer.company_name);
  return finding ? reconcile([finding], []) : [];
}

const isChecked = ({ condition }: AlertState) =>
  condition === CONTRACT || condition === INACTIVITY || condition.startsWith(LICENSE);

/** The daily checks. */
export const onCheck = (known: Known, at: Date): Action[] =>
  reconcile(
    [
      ...detectContractEnd(known, at),
      ...detectLicenseEnds({ customer: known.customer, deployments: [...known.deployments] }, at),
      ...silence(known, at),
    ],
    known.conditions.filter(isChecked),
  );

/** They left: what the system watches ends, what happened stays. */
export const onLeaving = ({ conditions }: Known): Action[] =>
  updateExisting(
    [],
    conditions.filter((one) => isChecked(one) || one.condition.startsWith(HEALTH)),
  );
