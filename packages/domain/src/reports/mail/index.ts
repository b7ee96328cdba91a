/** For people who get reports by mail, and have nothing but its links. */
export { fileOf } from "./file.ts";
export { inspect, leave, type Standing } from "./leave.ts";
