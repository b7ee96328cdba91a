import { Product } from "@success-manager/contract/vocabulary";
import {
  batchGet,
  DIRECTORY,
  ENTITY_NAME,
  equals,
  find,
  getRequest,
  type LastInteraction,
  LastInteractionEntity,
  queryEverywhere,
  type RecentFeedback,
  retainedDates,
  type Write,
} from "../../table/index.ts";
import type { Item } from "../contributions.ts";
import type { Series } from "../counters.ts";
import { lastInteractionWrite } from "../last-interaction.ts";
import {
  addFeedback,
  type FeedbackByProduct,
  feedbackOf,
  recentFeedbackRequest,
  recentFeedbackWrite,
} from "../stream/feedback.ts";
import type { Drift } from "./rebuild.ts";

/** What follows from the stream besides counters: when customers were last spoken with, and the newest feedback. */

/** What the items themselves say. */
export interface DerivedSums {
  /** Dates that are worth storing, by customer. */
  readonly dates: Map<string, readonly string[]>;
  readonly feedback: FeedbackByProduct;
}

export const noDerived = (): DerivedSums => ({ dates: new Map(), feedback: new Map() });

/** Takes an item along. */
export function derive({ dates, feedback }: DerivedSums, item: Item, now: Date): void {
  if (item[ENTITY_NAME] === "interaction") {
    const id = String(item.customer_id);
    dates.set(id, retainedDates([...(dates.get(id) ?? []), String(item.interaction_date)], now));
  }
  const found = feedbackOf(item);
  if (found) addFeedback(feedback, found);
}

/** What is stored of that. */
export interface StoredDerived {
  readonly dates: ReadonlyMap<string, LastInteraction>;
  readonly feedback: ReadonlyMap<Product, RecentFeedback | undefined>;
}

export async function readDerived(): Promise<StoredDerived> {
  const dates = new Map<string, LastInteraction>();
  const pages = queryEverywhere<LastInteraction>(DIRECTORY, {
    filter: equals({ [ENTITY_NAME]: "last_contact" }),
  });
  for await (const { items } of pages)
    for (const row of items)
      if (row.revision > (dates.get(row.customer_id)?.revision ?? 0)) dates.set(row.customer_id, row);
  const rows = await batchGet(...Product.options.map(recentFeedbackRequest));
  return { dates, feedback: new Map(Product.options.map((product, n) => [product, rows[n]])) };
}

/** One of these that does not say what it should. */
export interface DerivedDrift {
  readonly series: Series;
  readonly period: string;
  readonly drifts: readonly Drift[];
  /** Whether it is still what was compared. */
  readonly stands: () => Promise<boolean>;
  /** Sets it right, on that condition. */
  readonly write: Write;
}

/** What is missing, and what should not be there, as counters that are 0 or 1. */
function differences(
  series: Series,
  period: string,
  stored: readonly string[],
  counted: readonly string[],
): Drift[] {
  return [...new Set([...stored, ...counted])]
    .map((counter) => ({
      series,
      period,
      counter,
      stored: Number(stored.includes(counter)),
      counted: Number(counted.includes(counter)),
    }))
    .filter((drift) => drift.stored !== drift.counted);
}

const idsOf = (row: Pick<RecentFeedback, "responses"> | undefined) =>
  (row?.responses ?? []).map(({ survey_id }) => survey_id);

/** All that differs. @param now as of which dates have passed */
export function findDerivedDrift(stored: StoredDerived, counted: DerivedSums, now: Date): DerivedDrift[] {
  const customers = new Set([...stored.dates.keys(), ...counted.dates.keys()]);
  const dates = [...customers].flatMap((id): DerivedDrift[] => {
    const before = stored.dates.get(id);
    const should = counted.dates.get(id) ?? [];
    const [series, period] = [`customer#${id}`, "last_contact"] as const;
    const drifts = differences(series, period, retainedDates(before?.dates ?? [], now), should);
    const write = lastInteractionWrite(id, should, before?.dates, now);
    const stands = async () =>
      (await find(getRequest(LastInteractionEntity, id)))?.revision === before?.revision;
    return write && drifts.length > 0 ? [{ series, period, drifts, stands, write }] : [];
  });
  const feedback = Product.options.flatMap((product): DerivedDrift[] => {
    const before = stored.feedback.get(product);
    const responses = counted.feedback.get(product) ?? [];
    const [series, period] = ["survey", `recent#${product}`] as const;
    const drifts = differences(series, period, idsOf(before), idsOf({ responses }));
    const after = { product, responses, revision: (before?.revision ?? 0) + 1 };
    const stands = async () => (await find(recentFeedbackRequest(product)))?.revision === before?.revision;
    return drifts.length > 0
      ? [{ series, period, drifts, stands, write: recentFeedbackWrite(after, before) }]
      : [];
  });
  return [...dates, ...feedback];
}
