import type { SurveyFilter } from "@success-manager/contract/surveys";
import type { Counters } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { byCustomerName, byField, byText, defineList, type SortColumn } from "../lists/index.ts";
import { compares, equals, type Filter } from "../table/index.ts";
import { FIELDS, type SurveyProjection, toSurvey } from "./serialize.ts";

type Conditions = Partial<
  Pick<SurveyFilter, "product_deployment_id" | "survey_type" | "min_score" | "max_score">
>;

const SORT_COLUMNS: Readonly<
  Record<Exclude<SurveyFilter["sort_by"], "submitted_at">, SortColumn<Directory>>
> = {
  score: byField("score"),
  survey_type: byField("survey_type"),
  customer_name: byCustomerName,
  submitted_by_name: byText("submitted_by_name"),
};

const filterOf = (query: Conditions): Filter => {
  const { product_deployment_id, survey_type, min_score, max_score } = query;
  return [
    ...equals({ product_deployment_id, survey_type }),
    min_score !== undefined && compares("score", ">=", min_score),
    max_score !== undefined && compares("score", "<=", max_score),
  ];
};

/** Which counters `<survey_type>|<score>` meet the query. */
const counterFilter =
  ({ survey_type, min_score = 0, max_score = 10 }: Conditions) =>
  ([type, score]: readonly string[]) =>
    (survey_type ?? type) === type && Number(score) >= min_score && Number(score) <= max_score;

/** Responses by time. */
export const SURVEY_LIST = defineList({
  entity: "survey",
  time: ({ submitted_at }: SurveyProjection) => submitted_at,
  fields: FIELDS,
  search: ["search_key"],
  sort: SORT_COLUMNS,
  where: filterOf,
  /** Nobody counts by deployment. */
  countedBy: (query) => (query.product_deployment_id === undefined ? counterFilter(query) : undefined),
  toItem: toSurvey,
});

/** The customer who owns a deployment; null for an unknown one, or when another customer is asked for. */
function ownerOf(product_deployment_id: string, customer_id: string | undefined, { deployments }: Directory) {
  const owner = deployments.get(product_deployment_id)?.deployment.customer_id ?? null;
  return (customer_id ?? owner) === owner ? owner : null;
}

/** Responses by filter, newest first unless sorted. A deployment is looked up among the responses of its customer. */
export async function list(query: SurveyFilter) {
  const { product_deployment_id, skip, limit } = query;
  const directory = product_deployment_id ? getDirectory() : undefined;
  const customer_id =
    product_deployment_id && directory
      ? ownerOf(product_deployment_id, query.customer_id, await directory)
      : query.customer_id;
  if (customer_id === null) return { surveys: [], total: 0, skip, limit, next_cursor: null };
  const { rows: surveys, ...page } = await SURVEY_LIST.page({ ...query, customer_id }, directory);
  return { surveys, ...page };
}

/**
 * The newest responses of a customer, newest first.
 * @param counters of the customer, of all time: they tell how far to read in the timeline
 */
export async function recentResponses(customer_id: string, limit: number, counters: Counters | undefined) {
  const { rows } = await SURVEY_LIST.rowsOfCustomer(customer_id, { skip: 0, limit }, counters);
  return rows;
}
