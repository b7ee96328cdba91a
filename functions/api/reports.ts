import { reports } from "@success-manager/contract/reports";
import { Reports, Schedules } from "@success-manager/domain/reports";
import { logger } from "@success-manager/lambda";
import { countAbandonedReport } from "../abandoned-metric.ts";
import { serve } from "../serve.ts";

const reporting = {
  log: (report_id: string, error: unknown) => logger.error("report failed", { report_id, error }),
  onAbandoned: countAbandonedReport,
};

export const handler = serve(reports, {
  listSchedules: ({ query }) => Schedules.list(query),
  createSchedule: ({ body, actor }) => Schedules.create(body, actor),
  getSchedule: ({ params }) => Schedules.get(params.id),
  updateSchedule: ({ params, body, meta }) => Schedules.update(params.id, body, meta.ifMatch),
  removeSchedule: ({ params, meta }) => Schedules.remove(params.id, meta.ifMatch),
  toggleSchedule: ({ params, meta }) => Schedules.toggle(params.id, meta.ifMatch),
  generate: ({ query, body, actor, meta }) =>
    Reports.generate(body, query, actor, { ...reporting, remaining: meta.remaining }),
  listHistory: ({ query }) => Reports.list(query),
  getHistory: ({ params }) => Reports.get(params.id),
  download: ({ params }) => Reports.download(params.id, "pdf"),
  tables: ({ params }) => Reports.download(params.id, "tables"),
  sendAgain: ({ params, actor, meta }) =>
    Reports.sendAgain(params.id, actor, { ...reporting, remaining: meta.remaining }),
  dashboard: () => Reports.dashboard(),
  runScheduled: ({ actor, meta }) => Reports.runScheduled(actor, { ...reporting, remaining: meta.remaining }),
});
