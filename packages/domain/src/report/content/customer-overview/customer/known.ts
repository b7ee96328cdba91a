import type { Product } from "@success-manager/contract/vocabulary";
import type { Condition } from "../../../../alert/entity.ts";
import type { StoredCustomer } from "../../../../customer/entity.ts";
import type { HistoryEntry } from "../../../../customer/history.ts";
import type { StoredDeployment } from "../../../../deployment/entity.ts";
import type { LatestScore } from "../../../../health/entity.ts";
import type { Counters } from "../../../../rollup/index.ts";

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
  readonly conditions: readonly Condition[];
  /** What happened in the period and in the one before it, newest first. */
  readonly history: readonly HistoryEntry[];
  /** Whether that is all of it. */
  readonly whole: boolean;
}
