/**
 * What DynamoDB gives a partition: 1 000 write units and 3 000 read units a second, in whichever capacity mode
 * ("Burst and adaptive capacity", "Designing partition keys to distribute your workload", Developer Guide).
 *
 * Adaptive capacity is assumed to have done all it can: each partition key of an index has a partition of its own. It
 * can't split a key whose new items all come behind the others ("split for heat" needs traffic on both sides), which is
 * what items sorted by their last change do. Burst capacity lets a partition use what its share left over, never more
 * than a partition has: so a bucket holds the units of one second.
 */
export const WRITE_UNITS = 1_000;
export const READ_UNITS = 3_000;

interface Bucket {
  units: number;
  at: number;
}

export interface PartitionLimits {
  /** Uses units of a partition; false when it has none left, and the request is to be refused. */
  use(kind: "read" | "write", partition: string, units: number): boolean;
  /** The most units that were used of one partition in a whole second, and which one it was. */
  hottest(kind: "read" | "write"): { readonly partition: string; readonly units: number };
  /** How many requests were refused. */
  readonly refused: { readonly read: number; readonly write: number };
  /** How many units were used. */
  readonly used: { readonly read: number; readonly write: number };
}

/**
 * @param now in milliseconds
 * @param share of what a partition has on AWS: a local database can't do as much
 */
export function partitionLimits(now: () => number, share = 1): PartitionLimits {
  const buckets = new Map<string, Bucket>();
  const seconds = new Map<string, number>();
  const refused = { read: 0, write: 0 };
  const used = { read: 0, write: 0 };
  return {
    use(kind, partition, units) {
      const most = (kind === "read" ? READ_UNITS : WRITE_UNITS) * share;
      const key = `${kind} ${partition}`;
      const bucket = buckets.get(key) ?? { units: most, at: now() };
      buckets.set(key, bucket);
      bucket.units = Math.min(most, bucket.units + ((now() - bucket.at) * most) / 1_000);
      bucket.at = now();
      // A request is let in while there is anything left, and what it takes is known only then.
      if (bucket.units <= 0) {
        refused[kind] += 1;
        return false;
      }
      bucket.units -= units;
      used[kind] += units;
      const second = `${key} ${Math.floor(now() / 1_000)}`;
      seconds.set(second, (seconds.get(second) ?? 0) + units);
      return true;
    },
    hottest(kind) {
      let found = { partition: "", units: 0 };
      for (const [key, units] of seconds) {
        const [one, partition = ""] = key.split(" ");
        if (one === kind && units > found.units) found = { partition, units };
      }
      return found;
    },
    refused,
    used,
  };
}
