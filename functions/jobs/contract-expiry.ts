import { Checks } from "@success-manager/domain/alert";
import { checking } from "@success-manager/domain/job";
import { work } from "../work.ts";

export const handler = work(
  checking("contract_expiry_check", (...means) => Checks.check("contract_expiry", ...means)),
);
