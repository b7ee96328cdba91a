import { reportPage } from "@success-manager/contract/report-page";
import { countReportCall, takeLimits } from "@success-manager/domain/rate-limit";
import { getSubscription, mailedFileUrl, unsubscribe } from "@success-manager/domain/reports";
import { withReportErrorPages } from "./report/error-pages.ts";
import { filePage, files, subscriptionPage } from "./report/pages.ts";
import { openServe } from "./site/serve.ts";

export const handler = withReportErrorPages(
  openServe(takeLimits)(reportPage, {
    ask: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return subscriptionPage(await getSubscription(params.token));
    },
    leave: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return subscriptionPage(await unsubscribe(params.token));
    },
    file: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return filePage(await mailedFileUrl(params.token, "pdf"));
    },
    tables: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return filePage(await mailedFileUrl(params.token, "tables"));
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
