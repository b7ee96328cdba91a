import { notFound } from "@success-manager/contract/problem";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { Fact } from "@success-manager/pdf/document";
import { type Directory, getDirectory } from "../../directory/index.ts";
import type { Asked } from "./asked.ts";
import { countText, termText } from "./wording.ts";

/** The customer that a report is about. @throws 404 */
export function nameOf({ customers }: Pick<Directory, "customers">, customer_id: string): string {
  const row = customers.get(customer_id);
  if (!row) throw notFound("Customer");
  return row.customer.company_name;
}

/** Several words of which any may hold. */
const oneOf = (words: readonly string[]) =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

function scoresText({ min_score: least, max_score: most }: ReportFilters): string | undefined {
  if (least === undefined) return most === undefined ? undefined : `${most} or less`;
  return most === undefined ? `${least} or more` : `${least} to ${most}`;
}

/** What narrows a report down, in words. @throws 404 for a customer who is not there */
export function factsOf(filters: ReportFilters, directory: Pick<Directory, "customers" | "team">): Fact[] {
  const { customer_id, status, industries, account_manager_id, product, survey_types } = filters;
  const { days_to_renewal, include_financials } = filters;
  const values: readonly (readonly [label: string, value: string | undefined])[] = [
    ["Customer", customer_id && nameOf(directory, customer_id)],
    ["Status", status && oneOf(status.map(termText))],
    ["Industries", industries && oneOf(industries)],
    [
      "Account manager",
      account_manager_id &&
        (directory.team.get(account_manager_id)?.full_name ?? "Somebody who is not in the team"),
    ],
    ["Product", product],
    ["Health score", scoresText(filters)],
    ["Surveys", survey_types && oneOf(survey_types.map(termText))],
    ["Renewals", days_to_renewal === undefined ? undefined : `Next ${countText(days_to_renewal, "day")}`],
    ["Contract values", include_financials === false ? "Left out" : undefined],
  ];
  return values.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

/** What a report is narrowed down to, in words; nothing when it isn't. @throws 404 for a customer who is not there */
export const filterFacts = async ({ filters }: Pick<Asked, "filters">): Promise<Fact[]> =>
  factsOf(filters, await getDirectory());
