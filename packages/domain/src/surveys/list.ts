import type { SurveyFilter } from "@success-manager/contract/surveys";
import type { Counters } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { defineList } from "../lists/index.ts";
import { equals, type Filter } from "../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

type Asked = Partial<Pick<SurveyFilter, "product_deployment_id" | "survey_type" | "min_score" | "max_score">>;

const filterOf = (asked: Asked): Filter => {
  const { product_deployment_id, survey_type, min_score, max_score } = asked;
  return [
    ...equals({ product_deployment_id, survey_type }),
    min_score !== undefined && ["#score >= :least", { ":least": min_score }],
    max_score !== undefined && ["#score <= :most", { ":most": max_score }],
  ];
};

/** Which counters `<survey_type>|<score>` count what is asked for. */
const counted =
  ({ survey_type, min_score = 0, max_score = 10 }: Asked) =>
  ([type, score]: readonly string[]) =>
    (survey_type ?? type) === type && Number(score) >= min_score && Number(score) <= max_score;

/** Answers, as lists read them. */
export const ANSWERS = defineList({
  entity: "survey",
  time: ({ submitted_at }: ShownRow) => submitted_at,
  fields: SHOWN,
  search: { fields: ["search_key"], lowercase: true },
  sort: {
    score: ({ score }) => score,
    survey_type: ({ survey_type }) => survey_type,
    customer_name: ({ customer_id }, { customers }) => customers.get(customer_id)?.search_key,
    submitted_by_name: ({ submitted_by_name }) => submitted_by_name.toLowerCase(),
  },
  where: filterOf,
  countedBy: (asked) => (asked.product_deployment_id === undefined ? counted(asked) : undefined),
  toItem: shown,
});

/** The customer of a deployment, as long as no other one is asked for; null when nothing is about it. */
function ownerOf(product_deployment_id: string, asked: string | undefined, { deployments }: Directory) {
  const owner = deployments.get(product_deployment_id)?.deployment.customer_id ?? null;
  return (asked ?? owner) === owner ? owner : null;
}

/** Answers by filter and order. */
export async function list(query: SurveyFilter) {
  const { product_deployment_id: about, skip, limit } = query;
  const directory = about ? getDirectory() : undefined;
  const customer_id =
    about && directory ? ownerOf(about, query.customer_id, await directory) : query.customer_id;
  if (customer_id === null) return { surveys: [], total: 0, skip, limit, next_cursor: null };
  const { rows: surveys, ...page } = await ANSWERS.page({ ...query, customer_id }, directory);
  return { surveys, ...page };
}

/**
 * The newest answers of a customer, at most so many.
 * @param counters of the customer, of all time: they tell how far to look among all that happened
 */
export async function newestOf(customer_id: string, most: number, counters: Counters | undefined) {
  const { rows } = await ANSWERS.rowsOfCustomer(customer_id, { skip: 0, limit: most }, counters);
  return rows;
}
