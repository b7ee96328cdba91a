import { portal } from "@success-manager/contract/portal";
import { linkIdempotency } from "@success-manager/domain/idempotency";
import { takeLimits } from "@success-manager/domain/rate-limit";
import { PublicSurvey } from "@success-manager/domain/surveys";
import { openServe } from "../pages/site/serve.ts";

export const handler = openServe(takeLimits, linkIdempotency)(portal, {
  viewSurvey: ({ params, meta }) => PublicSurvey.view(params.token, meta.sourceIp),
  submitSurvey: ({ params, body, meta }) => PublicSurvey.submitPortal(params.token, body, meta.sourceIp),
});
