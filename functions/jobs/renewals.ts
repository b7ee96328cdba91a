import { renewalsJob } from "@success-manager/domain/customers";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(renewalsJob);
