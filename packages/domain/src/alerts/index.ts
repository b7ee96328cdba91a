export { resolved, snoozed } from "./acts.ts";
export * as Alerts from "./alerts.ts";
export { type AlertBook, alertBook, currentAlerts } from "./book.ts";
export * as Checks from "./checks.ts";
export {
  CONTRACT,
  conditionOf,
  type Finding,
  HEALTH,
  happenedOnce,
  INACTIVITY,
  isWorse,
  LICENSE,
} from "./condition.ts";
export { conditionGet, conditionsOf } from "./conditions.ts";
export { contractFindings } from "./findings/contract.ts";
export { healthFindings, type Scores } from "./findings/health.ts";
export { inactivityFindings } from "./findings/inactivity.ts";
export { licenseFindings } from "./findings/license.ts";
export { healthActions } from "./health-actions.ts";
export { type Action, foundOf, reconcile } from "./reconcile.ts";
export { revise } from "./revise.ts";
export {
  actionWrites,
  closed,
  closeWrites,
  conditionWrite,
  keptFinding,
  opened,
  openWrites,
  raised,
  SYSTEM,
} from "./write.ts";
