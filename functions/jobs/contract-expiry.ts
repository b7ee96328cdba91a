import { Checks } from "@success-manager/domain/alert";
import { checking } from "@success-manager/domain/job";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(
  checking("contract_expiry_check", (...means) => Checks.check("contract_expiry", ...means)),
);
