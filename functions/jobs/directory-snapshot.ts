import { directorySnapshot } from "@success-manager/domain/directory/snapshot";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(directorySnapshot);
