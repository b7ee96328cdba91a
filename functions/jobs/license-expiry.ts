import { Checks } from "@success-manager/domain/alerts";
import { checking } from "@success-manager/domain/jobs";
import { work } from "../work.ts";

export const handler = work(
  checking("license_expiry_check", (...means) => Checks.check("license_expiry", ...means)),
);
