import type { NewSurveyLink, SurveyLink } from "@success-manager/contract/surveys";
import type { TestCloud } from "./cloud.ts";

type Asked = Partial<NewSurveyLink> & {
  /** Of a new customer, when no `customer_id` is given. */
  readonly company?: string;
  /** When the link was made; the API makes none of the past. */
  readonly at?: Date;
};

/** Makes a link through which a customer of the cloud answers a survey. */
export async function surveyLink(cloud: TestCloud, asked: Asked = {}): Promise<SurveyLink> {
  const { company = `Company ${crypto.randomUUID()}`, at, ...input } = asked;
  const { api } = cloud.manager;
  const customer_id =
    input.customer_id ?? (await api.customers.create({ body: { company_name: company } })).body().id;
  const link = { survey_type: "nps" as const, expires_in_days: 7, ...input, customer_id };
  if (!at) return (await api.csat.createLink({ body: link })).body();
  const actor = { ...(await api.auth.me({})).body(), kind: "user", session_id: "" } as const;
  // The domain reads the table's name when it is loaded, so after the cloud has started.
  const { SurveyLinks } = await import("@success-manager/domain/surveys");
  return SurveyLinks.create(link, actor, { origin: cloud.apiUrl }, at);
}

/** Where calls are counted: tests make more from one address than people do. */
export const manyCalls = "survey_calls#";
