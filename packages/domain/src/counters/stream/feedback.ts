import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import {
  commitOne,
  ENTITY_NAME,
  find,
  partitions,
  putItem,
  RETRY,
  type RecentFeedback,
  RecentFeedbackEntity,
  type Write,
  withOptimisticRetry,
} from "../../table/index.ts";
import type { Item } from "../contributions.ts";
import type { Change } from "./apply.ts";

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

/** How the newest feedback about a product is read. */
export const recentFeedbackRequest = (product: Product) => ({
  key: { pk: partitions.counters("survey").key, sk: `recent#${product}` },
  parse: (found: { Item: Record<string, unknown> }) => RecentFeedbackEntity.parse(found),
});

/** Stores the newest feedback about a product, unless it has changed since it was read. */
export const recentFeedbackWrite = (
  product: Product,
  responses: Feedback[],
  before: Pick<RecentFeedback, "revision"> | undefined,
): Write =>
  putItem(
    RecentFeedbackEntity.put({ product, responses, revision: (before?.revision ?? 0) + 1 }).where(
      ({ revision }, { eq, notExists }) => (before ? eq(revision, before.revision) : notExists(revision)),
    ),
  );

const idsOf = (all: readonly Feedback[] = []) => all.map(({ survey_id }) => survey_id).join();

/**
 * Takes new responses among the newest feedback about their products. Responses never change, so whatever comes twice or
 * in another order comes to the same.
 *
 * @throws when the database fails, or others keep changing the same; then the records can be given again
 */
export async function keepRecentFeedback(changes: readonly Change[]): Promise<void> {
  const fresh = Map.groupBy(
    changes.flatMap(({ after }) => feedbackOf(after) ?? []),
    ({ product }) => product,
  );
  await Promise.all(
    Array.from(fresh, ([product, found]) =>
      withOptimisticRetry(async () => {
        const before = await find(recentFeedbackRequest(product));
        const known = before?.responses ?? [];
        const responses = newestFeedback([...known, ...found.map(({ feedback }) => feedback)]);
        if (idsOf(responses) === idsOf(known)) return undefined;
        return (await commitOne(recentFeedbackWrite(product, responses, before))) ? undefined : RETRY;
      }),
    ),
  );
}
