import { SECTIONS } from "@success-manager/contract/settings";
import {
  type AlertAction,
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
import { detectEscalation } from "@success-manager/domain/interactions";
import { detectLowScore } from "@success-manager/domain/surveys";
import {
  type AlertState,
  retainedDates,
  type StoredCustomer,
  type StoredDeployment,
  type StoredInteraction,
  type StoredSurvey,
} from "@success-manager/domain/table";

/** What the alert rules look at while the story is simulated. */
export interface AlertContext {
  readonly customer: StoredCustomer;
  readonly deployments: readonly StoredDeployment[];
  /** ISO instants of the interactions so far. */
  readonly dates: readonly string[];
  readonly states: readonly AlertState[];
}

const SETTINGS = SECTIONS.alerts.defaults;

const detectSilence = ({ customer, dates }: AlertContext, at: Date) =>
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
    SETTINGS,
  );

/** Alert actions when an interaction is logged. */
export const onInteraction = (
  interaction: StoredInteraction,
  context: AlertContext,
  at: Date,
): AlertAction[] => [
  ...reconcile(detectEscalation(interaction, undefined, undefined, context.customer.company_name), []),
  ...updateExisting(
    detectSilence(context, at),
    context.states.filter(({ condition }) => condition === INACTIVITY),
  ),
];

/** Alert actions when a survey response comes in. */
export function onSurvey(survey: StoredSurvey, { customer }: AlertContext): AlertAction[] {
  const lowScore = detectLowScore(survey, customer.company_name);
  return lowScore ? reconcile([lowScore], []) : [];
}

const isChecked = ({ condition }: AlertState) =>
  condition === CONTRACT || condition === INACTIVITY || condition.startsWith(LICENSE);

/** Alert actions of the daily checks. */
export const onDailyCheck = (context: AlertContext, at: Date): AlertAction[] =>
  reconcile(
    [
      ...detectContractEnd(context, at, SETTINGS),
      ...detectLicenseEnds(
        { customer: context.customer, deployments: [...context.deployments] },
        at,
        SETTINGS,
      ),
      ...detectSilence(context, at),
    ],
    context.states.filter(isChecked),
  );

/** Alert actions when the customer leaves: alerts about what lasts end, those about what happened stay. */
export const onChurn = ({ states }: AlertContext): AlertAction[] =>
  updateExisting(
    [],
    states.filter((state) => isChecked(state) || state.condition.startsWith(HEALTH)),
  );
