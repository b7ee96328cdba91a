import { portal } from "@success-manager/contract/portal";
import { linkIdempotency } from "@success-manager/domain/idempotency";
import { PublicSurvey } from "@success-manager/domain/surveys";
import { serveRemembering } from "../pages/site/serve.ts";

export const handler = serveRemembering(linkIdempotency)(portal, {
  viewSurvey: ({ params, meta }) => PublicSurvey.view(params.token, meta.sourceIp),
  submitSurvey: ({ params, body, meta }) => PublicSurvey.submitPortal(params.token, body, meta.sourceIp),
});
