import { personalDataJob } from "@success-manager/domain/personal-data";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(personalDataJob());
