import type {
  Environment,
  OpenRenewalStage,
  OutcomeKind,
  Product,
} from "@success-manager/contract/vocabulary";
import type { DemoAccount } from "../accounts.ts";
import type { ContractSnooze, ManualAlert } from "../manager-actions.ts";
import type { Mood } from "../moods.ts";

/** What became of a customer, so many days ago. */
export interface StoryOutcome {
  readonly kind: OutcomeKind;
  readonly ago: number;
  /** Days since they said so. */
  readonly notice?: number;
  /** What they paid before, in whole units of currency; what they pay now when absent. */
  readonly from?: number;
  readonly reason?: string;
  readonly note?: string;
}

/** How far the renewal of the present term is. */
export interface StoryRenewal {
  readonly stage: OpenRenewalStage;
  readonly next?: string;
  /** In so many days that is to be done. */
  readonly due?: number;
  /** What is talked about, in whole units of currency; what they pay now when absent. */
  readonly amount?: number;
}

/** A company and what became of it. All companies and people are invented; `.example` can't receive mail. */
export interface Story {
  readonly company: string;
  readonly domain: string;
  readonly industry: "Telecommunications" | "Technology" | "Financial Services";
  readonly contact: string;
  /** Somebody else there, who answers surveys too. */
  readonly colleague: string;
  readonly manager: DemoAccount;
  /** Whole units of currency. */
  readonly value: number;
  readonly products: readonly [Product, ...Product[]];
  readonly environment: Environment;
  /** Length of the contract, and in how many days it ends. */
  readonly contract: { readonly months: 12 | 24 | 36; readonly ends_in: number };
  /** The mood of late, and the one before it, which lasted until so many months ago. */
  readonly mood: Mood;
  readonly before?: { readonly mood: Mood; readonly until: number };
  readonly onboarding?: true;
  /** Days since they left. */
  readonly churned?: number;
  /** Those of their outcomes that were recorded, oldest first. */
  readonly outcomes?: readonly StoryOutcome[];
  /** Nothing is told of one that nobody has begun with. */
  readonly renewal?: StoryRenewal;
  /** Days since anybody spoke with them. */
  readonly silent?: number;
  readonly notes: string;
  readonly manualAlerts?: readonly ManualAlert[];
  readonly contractSnooze?: ContractSnooze;
}
