import { surveyRequests } from "@success-manager/contract/survey-requests";
import { SurveyRequests } from "@success-manager/domain/surveys";
import { serve, withReads } from "../serve.ts";

export const handler = serve(surveyRequests, {
  list: ({ query }) => SurveyRequests.list(query),
  create: ({ body, actor, meta }) => SurveyRequests.create(body, actor, meta),
  stats: ({ query }) => SurveyRequests.stats(query),
  get: withReads(
    ({ params }) => SurveyRequests.reads(params.id),
    (_, found) => SurveyRequests.get(found),
  ),
  remind: ({ params, meta }) => SurveyRequests.remind(params.id, meta, meta.ifMatch),
  cancel: ({ params, meta }) => SurveyRequests.cancel(params.id, meta.ifMatch),
  postReminder: ({ params, meta }) => SurveyRequests.remind(params.id, meta, meta.ifMatch),
  postCancel: ({ params, meta }) => SurveyRequests.cancel(params.id, meta.ifMatch),
});
