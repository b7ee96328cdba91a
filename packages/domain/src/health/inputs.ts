import { Problem } from "@success-manager/contract/problem";
import { InteractionType, Sentiment, SurveyType } from "@success-manager/contract/vocabulary";
import * as z from "zod";
import { DAY_MS, daysBetween } from "../calendar.ts";
import { config } from "../config.ts";
import { ENTITY_NAME, MAX_KEY, partitions, query, type StoredCustomer } from "../table/index.ts";
import { parseWeights, type ScoredInteraction, type ScoredResponse, type Weights } from "./formula.ts";

let weights: Weights | undefined;

/** The weights of this stage, parsed once. */
export function configuredWeights(): Weights {
  weights ??= parseWeights(config().HEALTH_WEIGHTS);
  return weights;
}

/** What a score is calculated from, besides the customer and the deployments. */
export interface RecentActivity {
  readonly interactions: readonly ScoredInteraction[];
  /** Survey responses. */
  readonly responses: readonly ScoredResponse[];
}

type Entry =
  | ({ readonly __edb_e__: "interaction" } & ScoredInteraction)
  | ({ readonly __edb_e__: "survey" } & ScoredResponse);

/** What the formula reads of an entry. */
const FIELDS = [
  ENTITY_NAME,
  "id",
  "interaction_type",
  "sentiment",
  "interaction_date",
  "created_at",
  "survey_type",
  "score",
  "submitted_at",
] as const;

/** The longest time without a score after which the next one can tell why it moved. */
const EXPLAINED_DAYS = 92;

/**
 * How far back to read: what a definition looks at, from the score before on, so that this can be looked at once more.
 *
 * @param days that count
 * @param before `calculated_at` of the score before
 */
export function activitySince(days: number, now: Date, before: string | undefined): Date {
  const then = before === undefined ? now.getTime() : Math.min(now.getTime(), Date.parse(before));
  return new Date(Math.max(then, now.getTime() - EXPLAINED_DAYS * DAY_MS) - days * DAY_MS);
}

/** Interactions and survey responses from an instant on: one query, which reads only what the formula needs. */
export async function recentActivity(customer_id: string, since: Date, now: Date): Promise<RecentActivity> {
  const interactions: ScoredInteraction[] = [];
  const responses: ScoredResponse[] = [];
  const pages = query<Entry>({
    partition: partitions.customer(customer_id),
    from: since.toISOString(),
    // Behind the "#" that separates the instant from an id.
    to: `${now.toISOString()}${MAX_KEY}`,
    fields: FIELDS,
  });
  for await (const { items } of pages)
    for (const entry of items) {
      if (entry.__edb_e__ === "interaction") interactions.push(entry);
      if (entry.__edb_e__ === "survey") responses.push(entry);
    }
  return { interactions, responses };
}

const instant = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

const ValidInteraction = z.object({
  interaction_type: InteractionType,
  sentiment: Sentiment,
  interaction_date: instant,
});
const ValidResponse = z.object({
  survey_type: SurveyType,
  score: z.number().min(0).max(10),
  submitted_at: instant,
});

function validateDate(customer: StoredCustomer, field: "contract_start_date" | "contract_end_date") {
  const date = customer[field];
  if (date !== undefined && Number.isNaN(daysBetween(date, date)))
    throw new Problem(422, `The customer's ${field} is not a date.`);
}

function validate(schema: z.ZodType, what: string, rows: readonly object[]) {
  for (const row of rows) {
    const { error } = schema.safeParse(row);
    const [issue] = error?.issues ?? [];
    if (issue)
      throw new Problem(422, `${what} can't be read: its ${issue.path.join(".")} is not what it should be.`);
  }
}

/**
 * Checks stored data before it is scored: a score of bad data would look like any other.
 *
 * @throws 422 with a sentence that names what has to be corrected
 */
export function validateInputs(customer: StoredCustomer, { interactions, responses }: RecentActivity): void {
  validateDate(customer, "contract_start_date");
  validateDate(customer, "contract_end_date");
  validate(ValidInteraction, "A contact with the customer", interactions);
  validate(ValidResponse, "A survey answer of the customer", responses);
}
