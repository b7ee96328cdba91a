import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import {
  ENTITY_NAME,
  equals,
  find,
  NOT_EXISTS,
  partitions,
  put,
  type RecentFeedback,
  RecentFeedbackEntity,
  type Write,
} from "../../table/index.ts";
import type { Item } from "../contributions.ts";

/** The newest feedback about each product: what its page shows beside the figures. */

type Feedback = RecentFeedback["responses"][number];

/** How much is kept of a product. */
const KEPT = 5;

/** What a stored item says about a product; undefined unless it is a survey response with a text about one. */
export function feedbackOf(
  item: Item | undefined,
): { readonly product: Product; readonly feedback: Feedback } | undefined {
  if (item?.[ENTITY_NAME] !== "survey") return undefined;
  const { id, customer_id, feedback_text: comment, score, submitted_at } = item;
  const product = Product.options.find((one) => one === item.product);
  const survey_type = SurveyType.options.find((one) => one === item.survey_type);
  if (product === undefined || survey_type === undefined || typeof score !== "number") return undefined;
  if (typeof comment !== "string" || comment === "") return undefined;
  const stamps = {
    survey_id: String(id),
    customer_id: String(customer_id),
    submitted_at: String(submitted_at),
  };
  return { product, feedback: { ...stamps, survey_type, score, comment } };
}

const position = ({ submitted_at, survey_id }: Feedback) => `${submitted_at}#${survey_id}`;

/** The newest of them, each response once; newest first. */
export function newestFeedback(all: readonly Feedback[]): Feedback[] {
  const byId = new Map(all.map((feedback) => [feedback.survey_id, feedback]));
  return [...byId.values()].sort((a, b) => (position(a) < position(b) ? 1 : -1)).slice(0, KEPT);
}

/** The newest feedback about each product. */
export type FeedbackByProduct = Map<Product, Feedback[]>;

/** Takes what an item says about a product among the newest of it. */
export function addFeedback(all: FeedbackByProduct, { product, feedback }: NewFeedback): void {
  all.set(product, newestFeedback([...(all.get(product) ?? []), feedback]));
}

/** How the newest feedback about a product is read. */
export const recentFeedbackRequest = (product: Product) => ({
  key: { pk: partitions.counters("survey").key, sk: `recent#${product}` },
  parse: (found: { Item: Record<string, unknown> }) => RecentFeedbackEntity.parse(found),
});

/** Stores the newest feedback about a product, unless it has changed since it was read. */
export const recentFeedbackWrite = (
  after: RecentFeedback,
  before: Pick<RecentFeedback, "revision"> | undefined,
): Write => put(RecentFeedbackEntity, after, before ? equals({ revision: before.revision }) : NOT_EXISTS);

const idsOf = (all: readonly Feedback[] = []) => all.map(({ survey_id }) => survey_id).join();

/** Feedback about a product that a record brings. */
export type NewFeedback = NonNullable<ReturnType<typeof feedbackOf>>;

/** What stands in the table, as this function wrote or read it last; a write on a condition finds out when it is old. */
const stored = new Map<Product, RecentFeedback | undefined>();

/** A write of the newest feedback about a product, and what to do when it is done, or when its condition failed. */
export interface FeedbackWrite {
  readonly write: Write;
  readonly done: () => void;
  readonly outdated: () => void;
}

/**
 * Takes new responses among the newest feedback about their products, for the transaction that marks them as counted: a
 * write for each product that shows one of them.
 */
export async function recentFeedbackWrites(fresh: readonly NewFeedback[]): Promise<FeedbackWrite[]> {
  const byProduct = Map.groupBy(fresh, ({ product }) => product);
  const writes = await Promise.all(
    Array.from(byProduct, async ([product, found]): Promise<FeedbackWrite[]> => {
      if (!stored.has(product)) stored.set(product, await find(recentFeedbackRequest(product)));
      const before = stored.get(product);
      const responses = newestFeedback([
        ...(before?.responses ?? []),
        ...found.map(({ feedback }) => feedback),
      ]);
      // Feedback only ever gets newer, so what is not among older ones is not among newer ones either.
      if (idsOf(responses) === idsOf(before?.responses)) return [];
      const after = { product, responses, revision: (before?.revision ?? 0) + 1 };
      return [
        {
          write: recentFeedbackWrite(after, before),
          done: () => stored.set(product, after),
          outdated: () => stored.delete(product),
        },
      ];
    }),
  );
  return writes.flat();
}
