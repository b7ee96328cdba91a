import { countersRebuild } from "@success-manager/domain/jobs";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(countersRebuild());
