export * as Alerts from "./api.ts";
export { runCheck } from "./check.ts";
export {
  alertKey,
  CONTRACT,
  type Detection,
  HEALTH,
  INACTIVITY,
  isOneOff,
  isWorse,
  LICENSE,
  rankOf,
} from "./detection.ts";
export { byNewest, countOpen, type OpenByCustomer, openByCustomer } from "./figures.ts";
export { contractExpiryCheck, inactivityCheck, licenseExpiryCheck } from "./job.ts";
export { mailNewAlerts } from "./notify.ts";
export { type AlertCache, createAlertCache, getAlertCache } from "./open-alerts.ts";
export { type AlertAction, detectionKey, reconcile, updateExisting } from "./reconcile.ts";
export { detectContractEnd, detectLicenseEnds } from "./rules/expiry.ts";
export { detectHealthDrops, reconcileHealthAlerts, type Scores } from "./rules/health.ts";
export { detectInactivity } from "./rules/inactivity.ts";
export { isSnoozed } from "./serialize.ts";
export {
  alertStateRequest,
  alertStatesOf,
  closedState,
  newAlert,
  openState,
  SYSTEM,
  storedDetection,
} from "./state.ts";
export { resolved, snoozed } from "./transitions.ts";
export { actionWrites, alertStateWrite, openWrites } from "./write.ts";
