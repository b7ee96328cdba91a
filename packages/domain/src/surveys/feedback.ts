import type { SurveyAnalytics } from "@success-manager/contract/csat";
import { Product } from "@success-manager/contract/vocabulary";
import type { EntityItem } from "electrodb";
import type { Directory } from "../directory/index.ts";
import { type FeedbackEntity, partitions, query } from "../table/index.ts";

type StoredFeedback = EntityItem<typeof FeedbackEntity>;

/** How many are shown of each product. */
const SHOWN = 5;

/** What customers wrote last about a product. */
async function newestAbout(product: Product): Promise<readonly StoredFeedback[]> {
  const pages = query<StoredFeedback>(
    { partition: partitions.feedback(product), order: "desc" },
    { pageSize: SHOWN },
  );
  const first = await pages.next();
  return first.value?.items ?? [];
}

/** What customers wrote last, by product: one small query each. */
export async function recentFeedback(): Promise<ReadonlyMap<Product, readonly StoredFeedback[]>> {
  const { options } = Product;
  const found = await Promise.all(options.map(newestAbout));
  return new Map(options.map((product, n) => [product, found[n] ?? []]));
}

type Shown = SurveyAnalytics["by_product"][number]["recent_feedback"][number];

/** Feedback with the present name of its customer. */
export const shownFeedback = (feedback: StoredFeedback, { customers }: Directory): Shown => ({
  customer_name: customers.get(feedback.customer_id)?.customer.company_name ?? null,
  survey_type: feedback.survey_type,
  score: feedback.score,
  comment: feedback.comment,
  submitted_at: feedback.submitted_at,
});
