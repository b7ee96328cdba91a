import { type AlertFilter, isOpenOnly } from "@success-manager/contract/alerts";
import { openAlerts } from "./open-list.ts";
import { alertsByTime } from "./stored-list.ts";

/** Alerts by filter. */
export const list = (query: AlertFilter) =>
  isOpenOnly(query) ? openAlerts(query, new Date()) : alertsByTime(query, new Date());
