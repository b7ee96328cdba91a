import { inactivityCheck } from "@success-manager/domain/alerts";
import { work } from "../work.ts";

export const handler = work(inactivityCheck);
