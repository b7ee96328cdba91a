import type { DashboardStats } from "@success-manager/contract/dashboard-figures";
import type { AlertCache } from "../../../alerts/book.ts";
import type { CustomerRow, Directory } from "../../../directory/index.ts";
import type { Asked } from "../asked.ts";

/** What all parts of the summary look at, as it stands now. */
export interface Portfolio {
  readonly asked: Asked;
  readonly customers: Directory["customers"];
  /** All of them, also those who have left. */
  readonly rows: readonly CustomerRow[];
  readonly book: AlertCache;
  /** What the dashboard says. */
  readonly figures: DashboardStats;
}

/** Whether contract values are shown. */
export const showsMoney = ({ filters: { include_financials = true } }: Asked) => include_financials;

/** How far ahead renewals are listed, in days, when nobody says. */
const USUAL_DAYS = 60;

/** How far ahead renewals are listed. */
export const renewalDays = ({ filters: { days_to_renewal = USUAL_DAYS } }: Asked) => days_to_renewal;
