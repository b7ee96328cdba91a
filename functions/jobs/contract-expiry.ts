import { Checks } from "@success-manager/domain/alerts";
import { alertCheckJob } from "@success-manager/domain/jobs";
import { work } from "../work.ts";

export const handler = work(
  alertCheckJob("contract_expiry_check", (...means) => Checks.check("contract_expiry", ...means)),
);
