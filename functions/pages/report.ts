import { reportPage } from "@success-manager/contract/report-page";
import { countReportCall } from "@success-manager/domain/rate-limit";
import { fileOf, inspect, leave } from "@success-manager/domain/reports/mail";
import { withPages } from "./report/failure.ts";
import { filePage } from "./report/file.ts";
import { files } from "./report/notice.ts";
import { standingPage } from "./report/standing.ts";
import { serve } from "./site/serve.ts";

export const handler = withPages(
  serve(reportPage, {
    ask: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return standingPage(await inspect(params.token));
    },
    leave: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return standingPage(await leave(params.token));
    },
    file: async ({ params, meta }) => {
      await countReportCall(meta.sourceIp);
      return filePage(await fileOf(params.token));
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
