import { scheduledReports } from "@success-manager/domain/reports";
import { reportGivenUp } from "../report-given-up.ts";
import { work } from "../work.ts";

export const handler = work(scheduledReports(reportGivenUp));
