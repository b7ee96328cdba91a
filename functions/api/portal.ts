import { portal } from "@success-manager/contract/portal";
import { PublicSurvey } from "@success-manager/domain/surveys";
import { serve } from "../pages/site/serve.ts";

export const handler = serve(portal, {
  viewSurvey: ({ params, meta }) => PublicSurvey.view(params.token, meta.sourceIp),
  submitSurvey: ({ params, body, meta }) => PublicSurvey.submitPortal(params.token, body, meta.sourceIp),
});
