import type { Activity } from "@success-manager/contract/dashboard";

/** Something that happened, and the id of what tells of it. */
export interface Happening extends Activity {
  readonly id: string;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Newest first; at the same instant by type, and of one type in the order in which lists by time show them. */
const inOrder = (a: Happening, b: Happening) =>
  compare(b.timestamp, a.timestamp) || compare(a.activity_type, b.activity_type) || compare(b.id, a.id);

/** The newest of what several sources tell, each of which gives its newest; at most so many. */
export const newestOf = (sources: readonly (readonly Happening[])[], limit: number): Activity[] =>
  sources
    .flat()
    .sort(inOrder)
    .slice(0, limit)
    .map(({ id: _, ...activity }) => activity);
