import type { StoredSurvey } from "../table/index.ts";

/** What `stored` works out of the rest. */
type Derived = "search_key";

/** An answer as it comes: by hand, unless it says otherwise. */
export type Answered = Omit<StoredSurvey, Derived | "submitted_via"> &
  Partial<Pick<StoredSurvey, "submitted_via">>;

/** What a search for an answer of a customer of this name looks at. */
const searchKey = (
  { feedback_text = "", submitted_by_name, submitted_by_email = "" }: Answered,
  company_name: string,
) => [feedback_text, submitted_by_name, submitted_by_email, company_name].join("\n").toLowerCase();

/**
 * An answer as it is stored, with what follows from it.
 *
 * @param company_name the customer's name when the answer came, for the search
 */
export const toStoredSurvey = (answer: Answered, company_name: string): StoredSurvey => ({
  submitted_via: "manual_entry",
  ...answer,
  search_key: searchKey(answer, company_name),
});
