import { reportPage } from "@success-manager/contract/report-page";
import { fileOf, inspect, leave } from "@success-manager/domain/report/mail";
import { countReportCall } from "@success-manager/domain/throttle";
import { withReportErrorPages } from "./report/error-pages.ts";
import { filePage, files, subscriptionPage } from "./report/pages.ts";
import { serve } from "./site/serve.ts";

export const handler = withReportErrorPages(
  serve(reportPage, {
    ask: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return subscriptionPage(await inspect(params.token));
    },
    leave: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return subscriptionPage(await leave(params.token));
    },
    file: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return filePage(await fileOf(params.token));
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
