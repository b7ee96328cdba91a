import { Checks } from "@success-manager/domain/alerts";
import { alertCheckJob } from "@success-manager/domain/jobs";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(
  alertCheckJob("inactivity_check", (...means) => Checks.check("inactivity", ...means)),
);
