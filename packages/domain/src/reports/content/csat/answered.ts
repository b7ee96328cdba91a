import type { Product } from "@success-manager/contract/vocabulary";
import type { ScanResult } from "../../../lists/index.ts";
import type { ScoreCount, SurveyProjection } from "../../../surveys/index.ts";

export type Counted = readonly Required<ScoreCount>[];

/** Something of the period, and of the one of the same length before it. */
export interface Compared<T> {
  readonly now: T;
  readonly before: T;
}

/** Survey links by when they were made. */
export interface Links {
  readonly created: number;
  readonly answered: number;
}

/** An answer with the present name of its customer. */
export interface Answer extends SurveyProjection {
  readonly customer_name: string;
}

/** What was answered, as far as the filters of the report take it. */
export interface Answered extends Compared<Counted> {
  /** The customer, when it is about one. */
  readonly company_name?: string | undefined;
  /** Of the period, by date; dates without answers may be missing. */
  readonly byDate: ReadonlyMap<string, Counted>;
  readonly byProduct: ReadonlyMap<Product, Compared<Counted>>;
  /** Absent where the filters take some links only: nobody counts those. */
  readonly links?: Compared<Links> | undefined;
  /** Whether all answers of the customer could be looked at. */
  readonly whole: boolean;
  /**
   * The newest answers of the period, newest first: some hundreds, and further back only as far as it takes to
   * find so many low ones.
   */
  newest(low: number): Promise<ScanResult<Answer>>;
}
