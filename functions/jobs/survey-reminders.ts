import { surveyReminders } from "@success-manager/domain/surveys";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(surveyReminders);
