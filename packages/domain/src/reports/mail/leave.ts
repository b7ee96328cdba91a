import {
  conditionFailed,
  RETRY,
  ReportScheduleEntity,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../../table/index.ts";
import { readToken, same, signerOf } from "./links.ts";

/** How the holder of a link stands to a schedule. */
export type Standing =
  | { readonly state: "recipient"; readonly report_name: string; readonly recipient: string }
  | { readonly state: "left"; readonly report_name: string }
  /** Nobody's link, or that of a schedule that is gone or of somebody who was taken off it: nothing will come. */
  | { readonly state: "unknown" };

const UNKNOWN: Standing = { state: "unknown" };

/** Twice as many as a schedule has recipients. */
const MOST_LEFT = 100;

/** Checked where there is no schedule, so that it takes the same work. */
const NOBODY: Pick<StoredReportSchedule, "secret" | "recipients"> & { readonly left?: string[] } = {
  secret: "",
  recipients: [""],
};

function standingOf(mac: string, schedule: StoredReportSchedule | null): Standing {
  const { secret, recipients, left = [] } = schedule ?? NOBODY;
  const recipient = signerOf(mac, secret, recipients, "leave");
  const hasLeft = left.filter((one) => same(mac, one)).length > 0;
  if (!schedule) return UNKNOWN;
  const { report_name } = schedule;
  if (recipient !== undefined) return { state: "recipient", report_name, recipient };
  return hasLeft ? { state: "left", report_name } : UNKNOWN;
}

async function find(token: string) {
  const read = readToken(token);
  if (!read) return undefined;
  const { data: schedule } = await ReportScheduleEntity.get({ id: read.id }).go({ consistent: true });
  return { mac: read.mac, schedule, standing: standingOf(read.mac, schedule) };
}

/** A schedule without one of its recipients. Without any it is paused: nobody would get what it makes. */
export function without(
  schedule: StoredReportSchedule,
  recipient: string,
  mac: string,
  now: Date,
): StoredReportSchedule {
  const { recipients, left = [] } = schedule;
  const others = recipients.filter((one) => one.toLowerCase() !== recipient.toLowerCase());
  return {
    ...schedule,
    recipients: others,
    left: [...left.filter((one) => one !== mac), mac].slice(-MOST_LEFT),
    is_active: schedule.is_active && others.length > 0,
    updated_at: now.toISOString(),
    revision: schedule.revision + 1,
  };
}

/** How the holder of a link stands to its schedule. */
export const inspect = async (token: string): Promise<Standing> => (await find(token))?.standing ?? UNKNOWN;

/**
 * Takes the holder of a link off its schedule. Doing it again changes nothing; of several who leave at once, each does.
 *
 * @returns how they stand now: never as a recipient
 * @throws 409 when others keep changing the schedule
 */
export const leave = (token: string, now = new Date()): Promise<Standing> =>
  withOptimisticRetry(async () => {
    const { mac = "", schedule, standing = UNKNOWN } = (await find(token)) ?? {};
    if (!schedule || standing.state !== "recipient") return standing;
    try {
      await ReportScheduleEntity.put(without(schedule, standing.recipient, mac, now))
        .where(({ revision }, { eq }) => eq(revision, schedule.revision))
        .go();
    } catch (error) {
      if (conditionFailed(error)) return RETRY;
      throw error;
    }
    return { state: "left", report_name: standing.report_name };
  });
