import { Problem } from "@success-manager/contract/problem";
import { InteractionType, Sentiment, SurveyType } from "@success-manager/contract/vocabulary";
import * as z from "zod";
import { daysBetween } from "../calendar.ts";
import type { StoredCustomer } from "../table/index.ts";
import type { Answer, Contact } from "./formula.ts";

const instant = z.string().refine((read) => !Number.isNaN(Date.parse(read)));

const ReadableContact = z.object({
  interaction_type: InteractionType,
  sentiment: Sentiment,
  interaction_date: instant,
});
const ReadableAnswer = z.object({
  survey_type: SurveyType,
  score: z.number().min(0).max(10),
  submitted_at: instant,
});

function checkDate(customer: StoredCustomer, field: "contract_start_date" | "contract_end_date") {
  const date = customer[field];
  if (date !== undefined && Number.isNaN(daysBetween(date, date)))
    throw new Problem(422, `The customer's ${field} is not a date.`);
}

function check(schema: z.ZodType, what: string, rows: readonly object[]) {
  for (const row of rows) {
    const { error } = schema.safeParse(row);
    const [issue] = error?.issues ?? [];
    if (issue)
      throw new Problem(422, `${what} can't be read: its ${issue.path.join(".")} is not what it should be.`);
  }
}

/**
 * Whether what a score is made of is what it should be: a score of something else would look like any other.
 *
 * @throws 422 with a sentence that names what has to be mended
 */
export function checkReadable(
  customer: StoredCustomer,
  contacts: readonly Contact[],
  answers: readonly Answer[],
): void {
  checkDate(customer, "contract_start_date");
  checkDate(customer, "contract_end_date");
  check(ReadableContact, "A contact with the customer", contacts);
  check(ReadableAnswer, "A survey answer of the customer", answers);
}
