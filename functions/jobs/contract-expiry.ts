import { Checks } from "@success-manager/domain/alerts";
import { checking } from "@success-manager/domain/jobs";
import { work } from "../work.ts";

export const handler = work(
  checking("contract_expiry_check", (...means) => Checks.check("contract_expiry", ...means)),
);
