import { dailyScoring } from "@success-manager/domain/health";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(dailyScoring);
