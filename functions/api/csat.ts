import { csat } from "@success-manager/contract/csat";
import { PublicSurvey, SurveyLinks, Surveys } from "@success-manager/domain/surveys";
import { serve, withReads } from "../serve.ts";

export const handler = serve(csat, {
  list: ({ query }) => Surveys.list(query),
  create: withReads(
    ({ body }) => Surveys.targetReads(body),
    ({ body, actor }, found) => Surveys.create(body, actor, found),
  ),
  analytics: () => Surveys.analytics(),
  createLink: ({ body, actor, meta }) => SurveyLinks.create(body, actor, meta),
  revokeLink: ({ params }) => SurveyLinks.revoke(params.id),
  publicInfo: ({ params, meta }) => PublicSurvey.info(params.token, meta.sourceIp),
  publicSubmit: ({ params, body, meta }) => PublicSurvey.submit(params.token, body, meta.sourceIp),
  summary: withReads(
    ({ params }) => Surveys.summaryReads(params.customer_id),
    ({ params }, found) => Surveys.summary(params.customer_id, found),
  ),
  get: withReads(
    ({ params }) => Surveys.reads(params.survey_id),
    (_, found) => Surveys.get(found),
  ),
});
