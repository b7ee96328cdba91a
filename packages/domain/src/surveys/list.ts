import type { SurveyFilter } from "@success-manager/contract/surveys";
import type { Counters } from "../counters/index.ts";
import { type Directory, getDirectory } from "../directory/index.ts";
import { countsFrom, type ListDefinition, listRows, readPage, toRange } from "../lists/index.ts";
import { equals, type Filter } from "../table/index.ts";
import { SHOWN, type ShownRow, shown } from "./shown.ts";

/** Answers, as lists read them. */
export const ANSWERS: ListDefinition<ShownRow> = {
  entity: "survey",
  time: ({ submitted_at }) => submitted_at,
  fields: SHOWN,
  texts: { fields: ["search_key"], lowercase: true },
};

type Column = (survey: ShownRow, directory: Directory) => string | number | undefined;

const COLUMNS: Readonly<Record<Exclude<SurveyFilter["sort_by"], "submitted_at">, Column>> = {
  score: ({ score }) => score,
  survey_type: ({ survey_type }) => survey_type,
  customer_name: ({ customer_id }, { customers }) => customers.get(customer_id)?.search_key,
  submitted_by_name: ({ submitted_by_name }) => submitted_by_name.toLowerCase(),
};

const filterOf = (asked: SurveyFilter): Filter => {
  const { product_deployment_id, survey_type, min_score, max_score } = asked;
  return [
    ...equals({ product_deployment_id, survey_type }),
    min_score !== undefined && ["#score >= :least", { ":least": min_score }],
    max_score !== undefined && ["#score <= :most", { ":most": max_score }],
  ];
};

/** Which counters `<survey_type>|<score>` count what is asked for. */
const counted =
  ({ survey_type, min_score = 0, max_score = 10 }: Partial<SurveyFilter>) =>
  ([type, score]: readonly string[]) =>
    (survey_type ?? type) === type && Number(score) >= min_score && Number(score) <= max_score;

/** The customer of a deployment, as long as no other one is asked for; null when nothing is about it. */
function ownerOf(product_deployment_id: string, asked: string | undefined, { deployments }: Directory) {
  const owner = deployments.get(product_deployment_id)?.deployment.customer_id ?? null;
  return (asked ?? owner) === owner ? owner : null;
}

/** Answers by filter and order. */
export async function list(query: SurveyFilter) {
  const { product_deployment_id: about, sort_by, skip, limit } = query;
  const directory = about ? getDirectory() : undefined;
  const customer_id =
    about && directory ? ownerOf(about, query.customer_id, await directory) : query.customer_id;
  if (customer_id === null) return { surveys: [], total: 0, skip, limit, next_cursor: null };
  const { rows: surveys, ...page } = await listRows(
    ANSWERS,
    {
      ...query,
      customer_id,
      filter: filterOf(query),
      takes: about === undefined ? counted(query) : undefined,
      column: sort_by === "submitted_at" ? undefined : COLUMNS[sort_by],
    },
    shown,
    directory,
  );
  return { surveys, ...page };
}

/**
 * The newest answers of a customer, at most so many.
 * @param counters of the customer, of all time: they tell how far to look among all that happened
 */
export async function newestOf(customer_id: string, most: number, counters: Counters | undefined) {
  const run = toRange(ANSWERS, { customer_id, sort_order: "desc", filter: [] });
  const known = countsFrom([counters], counted({}), ANSWERS.entity);
  const { rows } = await readPage(run, known, { skip: 0, limit: most }, ANSWERS.time);
  return rows;
}
