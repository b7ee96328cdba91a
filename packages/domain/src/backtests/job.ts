/** Does back-tests: one query for each customer, all days in memory, then the statistics. */
import { setImmediate } from "node:timers/promises";
import { Problem } from "@success-manager/contract/problem";
import type { BacktestLimitKind, ScoreBacktestResult } from "@success-manager/contract/score-definitions";
import pLimit from "p-limit";
import { getDirectory } from "../directory/index.ts";
import {
  configuredWeights,
  type Definition,
  lookBackDays,
  ScoreDefinitions,
  type ScoredInteraction,
  type ScoredResponse,
  validateInputs,
} from "../health/index.ts";
import { defineDueJob, type Ending, type JobInvocation } from "../jobs/index.ts";
import {
  type BacktestBand,
  type BacktestRow,
  backtest,
  type Comparison,
  compareScores,
  MIN_DEPARTURES,
} from "../statistics/index.ts";
import {
  commitOne,
  ENTITY_NAME,
  equals,
  find,
  getRequest,
  MAX_KEY,
  MIN_KEY,
  partitions,
  put,
  query,
  ScoreBacktestEntity,
  ScoreDefinitionEntity,
  type StoredAlert,
  type StoredScoreBacktest,
  updateItem,
} from "../table/index.ts";
import { type BacktestContent, encodeResult, knownUntil } from "./api.ts";
import { type History, type Question, type Rows, rowsOf, type Subject, spanOf, subjectsOf } from "./rows.ts";

/** Reads at the same time: enough to hide the database's latency, few enough for its connections. */
const CONCURRENT_READS = 24;
/** Customers after which progress may be stored, and how long it rests in between. */
const WAVE = 240;
const PROGRESS_MS = 2_000;
/** As many rows fit into the memory of a function, and into its time. */
const MOST_ROWS = 200_000;
/** Another back-test is begun with so much time left at least; a customer after another with so much. */
const BACKTEST_MS = 5 * 60_000;
const RESERVE_MS = 60_000;
const MOST_ATTEMPTS = 3;
/** How many of those who left while green are kept. */
const MOST_LISTED = 50;

const TOO_MANY = (rows: number) =>
  `It would look at ${rows} customers and days, and ${MOST_ROWS} are the most: take fewer days, or a segment.`;
const TOO_LONG = "It takes longer than one run may: take fewer days, or a segment.";
const BROKEN_OFF = `It broke off ${MOST_ATTEMPTS} times. Ask an operator for the log before you start it again.`;

type Entry =
  | ({ readonly __edb_e__: "interaction" } & ScoredInteraction)
  | ({ readonly __edb_e__: "survey" } & ScoredResponse)
  | ({ readonly __edb_e__: "alert" } & Pick<
      StoredAlert,
      "alert_type" | "condition" | "created_at" | "resolved_at"
    >);

const FIELDS = [
  ENTITY_NAME,
  ...["id", "interaction_type", "sentiment", "interaction_date", "created_at"],
  ...["survey_type", "score", "submitted_at", "alert_type", "condition", "resolved_at"],
];

const INTERACTION = "interaction#";

/** What happened with a customer: one query, which also brings when escalations were resolved. */
async function readHistory(
  customer_id: string,
  { from = MIN_KEY, to }: ReturnType<typeof spanOf>,
): Promise<History> {
  const interactions: ScoredInteraction[] = [];
  const responses: ScoredResponse[] = [];
  const escalations: History["escalations"][number][] = [];
  const pages = query<Entry>({
    ...{ partition: partitions.customer(customer_id), fields: FIELDS, from },
    // Behind the "#" that separates the instant from an id.
    to: `${to}${MAX_KEY}`,
  });
  for await (const { items } of pages)
    for (const entry of items) {
      if (entry.__edb_e__ === "interaction") interactions.push(entry);
      else if (entry.__edb_e__ === "survey") responses.push(entry);
      else if (entry.alert_type === "escalation" && entry.condition.startsWith(INTERACTION))
        escalations.push({
          id: entry.condition.slice(INTERACTION.length),
          ...{ opened_at: entry.created_at, resolved_at: entry.resolved_at },
        });
    }
  return { interactions, responses, escalations };
}

/** How far back definitions look; undefined for the beginning, as an escalation may be open for ever. */
const lookBackOf = (definitions: readonly Definition[]): number | undefined =>
  definitions.some(({ measures, caps }) =>
    [...measures, ...caps].some(({ source }) => source === "open_escalations"),
  )
    ? undefined
    : Math.max(...definitions.map(lookBackDays));

/** Somebody has deleted the back-test, or another worker is at it. */
class Overtaken extends Error {}

/** Writes a back-test over the one that was read. @throws Overtaken */
async function save(after: StoredScoreBacktest, before: StoredScoreBacktest): Promise<StoredScoreBacktest> {
  const next = { ...after, revision: before.revision + 1 };
  if (await commitOne(put(ScoreBacktestEntity, next, equals({ revision: before.revision })))) return next;
  throw new Overtaken(`Back-test ${before.id} is deleted, or another one works on it`);
}

/** The time was up, in an invocation that had others to do before. */
class TimeUp extends Error {}

interface Gathered {
  readonly tested: readonly BacktestRow[];
  readonly in_use: readonly BacktestRow[];
  readonly versions: ReadonlySet<number>;
  readonly late: number;
  readonly unreadable: number;
}

/** Rows of all subjects. @throws TimeUp; what reading fails with */
async function gather(
  subjects: readonly Subject[],
  {
    known,
    days,
    invocation: { remaining, log },
    onProgress,
  }: {
    readonly known: Parameters<typeof rowsOf>[2];
    readonly days: number | undefined;
    readonly invocation: JobInvocation;
    readonly onProgress: (done: number) => Promise<void>;
  },
): Promise<Gathered> {
  const tested: BacktestRow[] = [];
  const in_use: BacktestRow[] = [];
  const versions = new Set<number>();
  let [late, unreadable] = [0, 0];
  const limit = pLimit(CONCURRENT_READS);
  const read = async (subject: Subject): Promise<Rows | undefined> => {
    const { customer } = subject.row;
    const history = await readHistory(customer.id, spanOf(subject, days));
    try {
      validateInputs(customer, history);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log(customer.id, error);
      return undefined;
    }
    return rowsOf(subject, history, known);
  };
  let told = Date.now();
  for (let done = 0; done < subjects.length; done += WAVE) {
    if (remaining() < RESERVE_MS) throw new TimeUp();
    const wave = subjects.slice(done, done + WAVE);
    for (const rows of await Promise.all(wave.map((subject) => limit(() => read(subject))))) {
      if (!rows) {
        unreadable++;
        continue;
      }
      tested.push(...rows.tested);
      in_use.push(...rows.in_use);
      for (const version of rows.versions) versions.add(version);
      late += rows.late;
    }
    if (Date.now() - told >= PROGRESS_MS || done + WAVE >= subjects.length) {
      await onProgress(Math.min(done + WAVE, subjects.length));
      told = Date.now();
    }
  }
  return { tested, in_use, versions, late, unreadable };
}

/** Healthiest first, by how the risk is called; who is at high risk counts as red (decision 13). */
const BANDS: readonly BacktestBand[] = [
  { key: "low", tone: "green" },
  { key: "medium", tone: "yellow" },
  { key: "high", tone: "red" },
  { key: "critical", tone: "red" },
];

const two = (value: number) => value.toFixed(2);

function comparisonSentence({ verdict, draft, in_use, difference }: Comparison): string {
  if (!draft || !in_use || !difference)
    return "It can't be compared with what is in use: nobody left, or nobody stayed, of those whom both score.";
  if (verdict === "too_few_departures")
    return draft.departures < MIN_DEPARTURES
      ? `Whether it does better than what is in use can't be said: ${draft.departures} customers left, and ${MIN_DEPARTURES} are needed.`
      : `Whether it does better than what is in use can't be said: ${draft.stayed} customers stayed, and ${MIN_DEPARTURES} are needed.`;
  const figures = `AUC ${two(draft.value)} against ${two(in_use.value)}, a difference of ${two(difference.difference)} (95 % interval ${two(difference.low)} to ${two(difference.high)})`;
  return verdict === "better"
    ? `It does better than what is in use: ${figures}.`
    : `It does no better than what is in use: ${figures}.`;
}

/** null where the definition itself is all that is in use for these rows. */
function comparisonOf(
  { tested, in_use, versions }: Gathered,
  { version }: Definition,
): ScoreBacktestResult["comparison"] {
  if ([...versions].every((one) => one === version)) return null;
  const compared = compareScores(tested, in_use);
  const { draft, ...rest } = compared;
  return {
    ...{ ...rest, tested: draft, sentence: comparisonSentence(compared) },
    versions: [...versions].sort((a, b) => a - b),
  };
}

const people = (count: number) => (count === 1 ? "1 customer" : `${count} customers`);

/** What history does not keep, and what was left out. */
function limitsOf(
  { definition, segment, cuts, known_by }: Question,
  { tested, late, unreadable }: Gathered,
  undated: number,
): ScoreBacktestResult["limits"] {
  const seen = new Set(tested.map(({ cut }) => cut));
  const empty = cuts.filter((cut) => !seen.has(cut)).length;
  const filters = [definition.applies_to, segment];
  const isFiltered = filters.some(({ industries, segments, statuses }) => industries ?? segments ?? statuses);
  const asksAtRisk = filters.some(({ statuses }) => statuses?.includes("at_risk"));
  const limit = (kind: BacktestLimitKind, count: number | null, sentence: string) => [
    { kind, count, sentence },
  ];
  return [
    ...limit(
      "contract_dates_as_now",
      null,
      "Dates of contracts are those of today: what they were before is not kept. A measure that goes by them may know who stayed.",
    ),
    ...limit(
      "products_in_part",
      null,
      "Products count from their first day. One that is not in use any more counts until its record was last changed.",
    ),
    ...limit(
      "no_recording_time",
      null,
      "Survey answers count from the day of the answer; records that were corrected count as they are now.",
    ),
    ...(isFiltered
      ? limit(
          "filters_as_now",
          null,
          `Industry, contract value and status are those of today. Who is at risk or has left counts with the status of before${asksAtRisk ? ": naming at_risk finds nobody more" : ""}.`,
        )
      : []),
    ...(late > 0
      ? limit(
          "recorded_later",
          late,
          known_by === "recorded"
            ? `${late} interactions were recorded later than they happened, and count from then on alone. Where history was imported, test by what had happened (known_by: happened).`
            : `${late} interactions were recorded later than they happened, and count all the same: whoever recorded them may have known who left.`,
        )
      : []),
    ...(undated > 0
      ? limit("undated", undated, `${people(undated)} left, nobody recorded when: they take no part.`)
      : []),
    ...(unreadable > 0
      ? limit("unreadable", unreadable, `${people(unreadable)} can't be scored: the log names what is wrong.`)
      : []),
    ...(empty > 0
      ? limit("empty_cuts", empty, `On ${empty} of ${cuts.length} days there was nobody to look at.`)
      : []),
  ];
}

/** What the statistics say. @param undated customers who take no part, as nobody recorded when they left */
export async function contentOf(
  question: Question,
  gathered: Gathered,
  undated: number,
): Promise<BacktestContent> {
  const { definition } = question;
  const weights = Object.fromEntries(definition.measures.map(({ key, weight }) => [key, weight]));
  const {
    cuts: _,
    excluded,
    left_while_green: green,
    ...found
  } = backtest(gathered.tested, {
    ...{ bands: BANDS, weights },
  });
  // The run's lease is prolonged in between.
  await setImmediate();
  // They are the oldest first.
  const listed = green.slice(-MOST_LISTED).reverse();
  return {
    ...(found as Omit<BacktestContent, "left_while_green" | "unscored" | "comparison" | "limits">),
    unscored: excluded.unscored,
    left_while_green: {
      count: green.length,
      customers: listed as BacktestContent["left_while_green"]["customers"],
    },
    comparison: comparisonOf(gathered, definition),
    limits: limitsOf(question, gathered, undated),
  };
}

/** Notes with a draft what its newest back-test has found, and of which revision. */
async function noteWithDraft(
  { id, definition_id, definition_revision, score_version }: StoredScoreBacktest,
  { verdict, sentence, comparison, leaks }: BacktestContent,
): Promise<void> {
  if (score_version !== undefined) return;
  const tested = {
    ...{ backtest_id: id, revision: definition_revision, verdict, sentence },
    comparison: comparison && { verdict: comparison.verdict, sentence: comparison.sentence },
    leaks: [...new Set(leaks.map(({ measure }) => measure))],
  };
  await commitOne(
    updateItem(
      ScoreDefinitionEntity.patch({ id: definition_id })
        .set({ tested })
        .where(({ status }, { eq }) => eq(status, "draft")),
    ),
  );
}

/** A sentence for a person about a back-test that can't be done. */
class Unable extends Error {}

/** @throws Unable; Overtaken; TimeUp; what reading and writing fail with */
async function work(started: StoredScoreBacktest, invocation: JobInvocation): Promise<void> {
  const [directory, definitions] = await Promise.all([getDirectory(), ScoreDefinitions.loadDefinitions()]);
  const { content, score_version, segment, cuts, horizon_days, known_by } = started;
  const question: Question = {
    ...{ segment, cuts, horizon_days, known_by, known_until: knownUntil(new Date()) },
    definition: { ...content, version: score_version ?? 0 },
  };
  const { subjects, undated } = subjectsOf(directory.customers.values(), question);
  const rows = subjects.reduce((sum, one) => sum + one.cuts.length, 0);
  if (rows > MOST_ROWS) throw new Unable(TOO_MANY(rows));
  let stored = await save({ ...started, customers: subjects.length, done: 0 }, started);
  const gathered = await gather(subjects, {
    known: { question, definitions, weights: configuredWeights() },
    days: lookBackOf([question.definition, ...definitions]),
    invocation,
    onProgress: async (done) => {
      stored = await save({ ...stored, done }, stored);
    },
  });
  const found = await contentOf(question, gathered, undated);
  // First, so that no completed back-test of a draft is without it.
  await noteWithDraft(stored, found);
  const { verdict, sentence } = found;
  await save(
    {
      ...stored,
      ...{ status: "completed", verdict, sentence, result: encodeResult(found) },
      finished_at: new Date().toISOString(),
    },
    stored,
  );
}

const failed = (one: StoredScoreBacktest, error: string): StoredScoreBacktest => ({
  ...one,
  ...{ status: "failed", error, finished_at: new Date().toISOString() },
});

/**
 * Does a back-test from its beginning: what one that broke off had read was in its memory alone.
 *
 * @param isFirst of the invocation: then there is no more time than it has
 */
async function workOn(id: string, isFirst: boolean, invocation: JobInvocation): Promise<Ending> {
  const request = getRequest(ScoreBacktestEntity, id);
  const due = await find(request);
  if (due === undefined || due.status === "completed" || due.status === "failed") return "gone";
  try {
    if (due.attempts >= MOST_ATTEMPTS) {
      await save(failed(due, BROKEN_OFF), due);
      return "failed";
    }
    await work(await save({ ...due, status: "running", attempts: due.attempts + 1 }, due), invocation);
    return "done";
  } catch (error) {
    if (error instanceof Overtaken) return "gone";
    const stored = await find(request);
    if (!stored) return "gone";
    if (error instanceof TimeUp && !isFirst) {
      await save({ ...stored, status: "pending", attempts: due.attempts, done: 0 }, stored);
      return "later";
    }
    invocation.log(id, error);
    if (error instanceof Unable) await save(failed(stored, error.message), stored);
    else if (error instanceof TimeUp) await save(failed(stored, TOO_LONG), stored);
    else if (stored.attempts >= MOST_ATTEMPTS) await save(failed(stored, BROKEN_OFF), stored);
    // It stays due: the watch has it tried again.
    else await save({ ...stored, status: "pending", done: 0 }, stored);
    return "failed";
  }
}

/** Does all back-tests that are due. */
export const backtestsJob = () =>
  defineDueJob({
    id: "score_backtests",
    kind: "score_backtest",
    workOn: async (id, isFirst, invocation) => {
      if (!isFirst && invocation.remaining() < BACKTEST_MS) return "later";
      return workOn(id, isFirst, invocation).catch((error: unknown): Ending => {
        if (error instanceof Overtaken) return "gone";
        throw error;
      });
    },
    busy: "Back-tests are being done right now.",
  });
