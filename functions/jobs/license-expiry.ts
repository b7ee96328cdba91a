import { Checks } from "@success-manager/domain/alert";
import { checking } from "@success-manager/domain/job";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(
  checking("license_expiry_check", (...means) => Checks.check("license_expiry", ...means)),
);
