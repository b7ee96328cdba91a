import { Checks } from "@success-manager/domain/alert";
import { checking } from "@success-manager/domain/job";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(
  checking("inactivity_check", (...means) => Checks.check("inactivity", ...means)),
);
