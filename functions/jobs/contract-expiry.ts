import { contractExpiryCheck } from "@success-manager/domain/alerts";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(contractExpiryCheck);
