import { migrationJob, migrations } from "@success-manager/domain/migrations";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(migrationJob(migrations));
