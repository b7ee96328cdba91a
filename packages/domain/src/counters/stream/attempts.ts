import { takeNumber } from "../../table/index.ts";

/**
 * Notes that a record is tried, and answers how often it was. Only of records that may be in the way of all others
 * (`lambda/src/stream.ts`), so it is written rarely.
 */
export const noteAttempt = (event_id: string): Promise<number> => takeNumber(`attempt#${event_id}`);
