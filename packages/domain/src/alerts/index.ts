export { resolved, snoozed } from "./acts.ts";
export * as Alerts from "./alerts.ts";
export { type AlertCache, createAlertCache, getAlertCache } from "./book.ts";
export * as Checks from "./checks.ts";
export {
  alertKey,
  CONTRACT,
  type Detection,
  HEALTH,
  INACTIVITY,
  isOneOff,
  isWorse,
  LICENSE,
} from "./condition.ts";
export { alertStateRequest, alertStatesOf } from "./conditions.ts";
export { detectContractEnd } from "./findings/contract.ts";
export { detectHealthDrops, type Scores } from "./findings/health.ts";
export { detectInactivity } from "./findings/inactivity.ts";
export { detectLicenseEnds } from "./findings/license.ts";
export { reconcileHealthAlerts } from "./health-actions.ts";
export { countOpen, openByCustomer } from "./open-count.ts";
export { type Action, detectionKey, reconcile } from "./reconcile.ts";
export { updateExisting } from "./revise.ts";
export {
  actionWrites,
  alertStateWrite,
  closedState,
  closeWrites,
  newAlert,
  openState,
  openWrites,
  SYSTEM,
  storedDetection,
} from "./write.ts";
