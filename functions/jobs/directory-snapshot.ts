import { directorySnapshot } from "@success-manager/domain/directory/snapshot";
import { work } from "../work.ts";

export const handler = work(directorySnapshot);
