import type { TimelineItem } from "@success-manager/contract/customers";
import type { Paging } from "@success-manager/contract/paging";
import { notFound } from "@success-manager/contract/problem";
import type { OutcomeSettings } from "@success-manager/contract/settings";
import { ALL_DAYS, type Counters, countersRequest, sumCounters } from "../counters/index.ts";
import { formatCents } from "../figures.ts";
import {
  decodeChange,
  SCORE_FIGURES,
  type ScoreFigures,
  sentence,
  toScoreComponents,
} from "../health/index.ts";
import {
  after,
  type Entity,
  type IndexRange,
  readRange,
  type ScanResult,
  scanRecentUntil,
} from "../lists/index.ts";
import { loadScoreTexts, type ScoreTexts } from "../messages/index.ts";
import {
  type Fact,
  factsOf,
  ledgerRequest,
  newestVersions,
  reasonLabel,
  standing,
} from "../outcomes/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  CustomerEntity,
  type FoundOf,
  formatCursor,
  getRequest,
  LatestScoreEntity,
  MAX_KEY,
  MIN_KEY,
  type Partition,
  parseInstantCursor,
  partitions,
  type StoredAlert,
  type StoredInteraction,
  type StoredScore,
  type StoredSurvey,
} from "../table/index.ts";

/** What a customer's page and timeline know by key: the customer, the newest score, how much there is. */
export const pageReads = (id: string) =>
  [
    getRequest(CustomerEntity, id),
    getRequest(LatestScoreEntity, id),
    countersRequest(`customer#${id}`, ALL_DAYS),
  ] as const;
export type FoundOfPage = FoundOf<ReturnType<typeof pageReads>>;

/** The same for the timeline, which also shows what became of the customer, and why. */
export const timelineReads = (id: string) =>
  [...pageReads(id), ledgerRequest(id), settingsRequest("outcomes")] as const;
type FoundOfTimeline = FoundOf<ReturnType<typeof timelineReads>>;

/** Something that happened with a customer, as the index `byCustomer` holds it. */
export type TimelineEntry =
  | ({ readonly __edb_e__: "interaction" } & StoredInteraction)
  | ({ readonly __edb_e__: "survey" } & StoredSurvey)
  | ({ readonly __edb_e__: "alert" } & StoredAlert);

/** What timeline and page show of entries. The rest, such as search forms, would be half of what is read. */
const SHOWN = [
  "__edb_e__",
  "id",
  "interaction_date",
  "interaction_type",
  "subject",
  "description",
  "sentiment",
  "performed_by",
  "follow_up_required",
  "ticket_id",
  "ticket_number",
  "ticket_status",
  "ticket_priority",
  "submitted_at",
  "survey_type",
  "score",
  "submitted_by_name",
  "feedback_text",
  "created_at",
  "alert_type",
  "severity",
  "title",
  "is_resolved",
] as const;

type Shown<Entry> = Entry extends unknown ? Pick<Entry, Extract<keyof Entry, (typeof SHOWN)[number]>> : never;
/** An entry as timeline and page show it. */
export type ShownEntry = Shown<TimelineEntry>;

/** When it happened: the ISO instant that the timeline is sorted by. */
export function occurredAt(entry: ShownEntry): string {
  if (entry.__edb_e__ === "interaction") return entry.interaction_date;
  return entry.__edb_e__ === "survey" ? entry.submitted_at : entry.created_at;
}

/** A score that is shown, with the change that it made; the first one made none. */
type ScoreEntry = ScoreFigures & Pick<StoredScore, "change">;

/** What stands in a partition of a customer by time, newest first. */
const newestFirst = <Entry>(
  partition: Partition,
  fields?: IndexRange<Entry>["fields"],
): IndexRange<Entry> => ({
  ...{ partition, fields, from: MIN_KEY, to: MAX_KEY, order: "desc", filter: [] },
});

/** The entries of a customer from one day to another, newest first: among the newest 5 000 of these days. */
export const timelineEntriesBetween = (
  customer_id: string,
  first: string,
  last: string,
): Promise<ScanResult<TimelineEntry>> =>
  scanRecentUntil({
    ...newestFirst<TimelineEntry>(partitions.customer(customer_id)),
    from: first,
    to: `${last}${MAX_KEY}`,
  });

/** @param before only what is older than this position, `<instant>#<id>` */
async function newest<Entry>(range: IndexRange<Entry>, limit: number, before?: string): Promise<Entry[]> {
  const { rows } = await readRange(before === undefined ? range : after(range, before), limit, limit);
  return rows.slice(0, limit);
}

/**
 * The newest entries of a customer, newest first.
 *
 * @param before only entries older than this position, `<instant>#<id>`
 */
export const timelineEntries = (customer_id: string, limit: number, before?: string): Promise<ShownEntry[]> =>
  newest(newestFirst<ShownEntry>(partitions.customer(customer_id), SHOWN), limit, before);

/** The same of scores: the first one, and those that moved notably. */
const scoreEntries = (customer_id: string, limit: number, before?: string): Promise<ScoreEntry[]> =>
  newest(
    newestFirst<ScoreEntry>(partitions.scoreEntries(customer_id), [...SCORE_FIGURES, "change"]),
    limit,
    before,
  );

/** How many entries of these kinds the customer's counters know; of all kinds when none is named. */
export const countEntries = (
  counters: Counters | undefined,
  kinds: readonly Entity[] = ["interaction", "survey", "alert"],
) => sumCounters(counters, (name) => kinds.some((kind) => name.startsWith(`${kind}|`)));

/** `post_ticket` as a person writes it: "Post Ticket". */
const titleCase = (value: string) =>
  value.replace(
    /(?:^|_)(\w)/g,
    (_, letter: string, at: number) => `${at > 0 ? " " : ""}${letter.toUpperCase()}`,
  );

/** What the timeline shows of the ticket that an interaction stands for. */
const ticketOf = (entry: Shown<StoredInteraction>): TimelineItem["metadata"] =>
  entry.ticket_id === undefined
    ? {}
    : {
        ticket_id: entry.ticket_id,
        ticket_number: entry.ticket_number ?? null,
        ticket_status: entry.ticket_status ?? null,
        ticket_priority: entry.ticket_priority ?? null,
      };

function entryItem(entry: ShownEntry): TimelineItem {
  if (entry.__edb_e__ === "interaction") {
    const { id, interaction_date, subject, description, interaction_type, sentiment, performed_by } = entry;
    const metadata = { interaction_type, sentiment, performed_by, ...ticketOf(entry) };
    return { type: "interaction", id, date: interaction_date, title: subject, description, metadata };
  }
  if (entry.__edb_e__ === "alert") {
    const { id, created_at, title, description, alert_type, severity, is_resolved } = entry;
    const metadata = { alert_type, severity, is_resolved };
    return { type: "alert", id, date: created_at, title, description, metadata };
  }
  const { id, submitted_at, survey_type, score, submitted_by_name, feedback_text } = entry;
  return {
    type: "csat_survey",
    id,
    date: submitted_at,
    title: `${survey_type === "nps" ? "NPS" : titleCase(survey_type)} Survey`,
    description: feedback_text ?? null,
    metadata: { survey_type, score, submitted_by: submitted_by_name },
  };
}

/** A score: the first one, or one that moved notably, and why. In English as all that the API says of scores. */
function scoreItem(score: ScoreEntry, texts: ScoreTexts): TimelineItem {
  const change = score.change === undefined ? undefined : decodeChange(score.change);
  const trend = `Trend: ${score.score_trend}`;
  return {
    type: "health_score",
    id: score.id,
    date: score.calculated_at,
    title: `Health score ${score.overall_score}`,
    description: change ? `${sentence(change, texts)}. ${trend}` : trend,
    metadata: {
      ...toScoreComponents(score),
      ...(change && { previous_score: change.from, change: change.delta, since: change.since }),
    },
  };
}

const VERBS: Readonly<Record<Fact["kind"], string>> = {
  churned: "Left",
  contracted: "Pays less",
  renewed: "Renewed",
  expanded: "Pays more",
  reactivated: "Came back",
};

/** An outcome at the beginning of the day from which on it holds. */
function outcomeItem(fact: Fact, settings: OutcomeSettings): TimelineItem {
  const { id, kind, effective_on, amount_before, amount_after, reason, voluntary = null } = fact;
  const shown = (cents: number | undefined) => (cents === undefined ? null : formatCents(cents));
  return {
    type: "outcome",
    id,
    date: `${effective_on}T00:00:00.000Z`,
    title: VERBS[kind],
    description: reasonLabel(reason, settings),
    metadata: {
      kind,
      reason,
      voluntary,
      amount_before: shown(amount_before),
      amount_after: shown(amount_after),
    },
  };
}

/** What items are ordered by, as the sort keys of the index. */
const positionKey = ({ date, id }: Pick<TimelineItem, "date" | "id">) => `${date}#${id}`;

/**
 * Interactions, surveys, alerts, scores and outcomes of a customer in one stream, newest first. Reads what it skips and shows;
 * a cursor skips without reading. The total of a longer history is that of the counters, which are a moment behind.
 *
 * @param found by `timelineReads`
 * @throws 404
 */
export async function timeline(
  customer_id: string,
  { skip, limit, cursor }: Paging,
  [customer, latest, counters, ledger, settings]: FoundOfTimeline,
) {
  if (!customer) throw notFound("Customer");
  const position = cursor === undefined ? undefined : parseInstantCursor(cursor);
  const before = position && positionKey({ date: position.value, id: position.id });
  const start = cursor === undefined ? skip : 0;
  const needed = start + limit + 1;
  const [entries, scores, texts] = await Promise.all([
    timelineEntries(customer_id, needed, before),
    scoreEntries(customer_id, needed, before),
    loadScoreTexts("en"),
  ]);
  const outcomes = standing(newestVersions(factsOf(ledger)));
  const reasons = settingsOf("outcomes", settings);
  const merged = [
    ...entries.map(entryItem),
    ...scores.map((score) => scoreItem(score, texts)),
    ...outcomes.map((fact) => outcomeItem(fact, reasons)),
  ]
    .filter((item) => before === undefined || positionKey(item) < before)
    .sort((a, b) => (positionKey(a) < positionKey(b) ? 1 : -1));
  const items = merged.slice(start, start + limit);
  const last = items.at(-1);
  // What was read to its end is known better than by what counts it.
  const total = (read: readonly unknown[], counted: number) =>
    before === undefined && read.length < needed ? read.length : Math.max(counted, read.length);
  return {
    items,
    total: total(entries, countEntries(counters)) + total(scores, latest?.entries ?? 0) + outcomes.length,
    skip,
    limit,
    next_cursor:
      last && merged.length > start + limit ? formatCursor({ value: last.date, id: last.id }) : null,
  };
}
