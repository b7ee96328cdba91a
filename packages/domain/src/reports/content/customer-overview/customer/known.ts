import type { Product } from "@success-manager/contract/vocabulary";
import type { Counters } from "../../../../counters/index.ts";
import type { HistoryEntry } from "../../../../customers/history.ts";
import type { AlertState, LatestScore, StoredCustomer, StoredDeployment } from "../../../../table/index.ts";

/** What a report about one customer is made of. */
export interface Known {
  readonly customer: StoredCustomer;
  readonly latest: LatestScore | undefined;
  /** Of all time. */
  readonly counters: Counters | undefined;
  /** The linked user's name, else the free text, else empty. */
  readonly account_manager_name: string;
  readonly deployments: readonly StoredDeployment[];
  /** Of active deployments, sorted. */
  readonly products: readonly Product[];
  readonly conditions: readonly AlertState[];
  /** What happened in the period and in the one before it, newest first. */
  readonly history: readonly HistoryEntry[];
  /** Whether that is all of it. */
  readonly whole: boolean;
}
