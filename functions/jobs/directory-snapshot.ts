import { directorySnapshot } from "@success-manager/domain/jobs";
import { work } from "../work.ts";

export const handler = work(directorySnapshot);
