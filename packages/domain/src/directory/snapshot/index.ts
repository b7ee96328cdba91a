export { directorySnapshot } from "./job.ts";
