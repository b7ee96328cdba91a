import { Checks } from "@success-manager/domain/alerts";
import { checking } from "@success-manager/domain/jobs";
import { work } from "../work.ts";

export const handler = work(checking("inactivity_check", (...means) => Checks.check("inactivity", ...means)));
