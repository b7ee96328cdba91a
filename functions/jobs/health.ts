import { dailyScoring } from "@success-manager/domain/health";
import { work } from "../work.ts";

export const handler = work(dailyScoring);
