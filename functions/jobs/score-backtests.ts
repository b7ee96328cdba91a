import { backtestsJob } from "@success-manager/domain/backtests";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(backtestsJob());
