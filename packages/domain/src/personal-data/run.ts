/** Runs that export or erase a person's data: one after the other, each from where it stood. */
import { Product } from "@success-manager/contract/vocabulary";
import { eraseActor, eraseFrom } from "../audit/index.ts";
import { forgetCounters, recentFeedbackRequest, recentFeedbackWrite } from "../counters/index.ts";
import { defineDueJob, measureStreamLag } from "../jobs/index.ts";
import { Suppressions } from "../mail/index.ts";
import { deleteFiles, storeFile } from "../reports/index.ts";
import {
  commit,
  commitOne,
  emailKey,
  equals,
  find,
  getRequest,
  openRunKey,
  PersonalDataEntity,
  type PersonalDataWork,
  put,
  type StoredItem,
  type StoredPersonalData,
  type StoredReport,
  type StoredSuppression,
  tableName,
  type Write,
} from "../table/index.ts";
import { deleteAvatar } from "../users/index.ts";
import { createMatcher, ERASED, erasedItem, mayName } from "./person.ts";
import { commentsOf, endOf, eraseItem, learn, PARTS, readPage, signInsOf } from "./walk.ts";

/** Where an export is kept, for some days (infra/data.ts). */
export const exportKey = (id: string) => `reports/personal-data/${id}.json`;

/** Left of an invocation to note where it stands. */
const RESERVE_MS = 60_000;
/** How long the stream may: what was changed just before is in the audit trail then. */
const STREAM_MS = 60_000;
/** Of whose entries the audit trail is searched, at most: as many as fit into the item of a run. */
const MOST_TOUCHED = 5_000;
/** Six hours of quarters. What is mended by then goes on by itself; each of them is an alarm (infra/alarms.ts). */
const MOST_ATTEMPTS = 24;
const GIVEN_UP =
  "It has failed too often and was given up. Ask an operator for its log, then start it again.";

/** Writes a run over the one that was read; another one at work on it would have changed it. @throws when it has */
async function save(after: StoredPersonalData, before: StoredPersonalData): Promise<StoredPersonalData> {
  const next = { ...after, revision: before.revision + 1 };
  if (await commitOne(put(PersonalDataEntity, next, equals({ revision: before.revision })))) return next;
  throw new Error(`Another one works on ${before.id}`);
}

/** What keeps a person to one run of a kind at a time; its condition fails when there is one. */
export const takeOpen = (open_key: string, run_id: string): Write => ({
  Put: {
    TableName: tableName,
    Item: { ...openRunKey(open_key), run_id },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

/** The run that has the place; undefined for none. */
export const findOpen = (open_key: string): Promise<string | undefined> =>
  find({ key: openRunKey(open_key), parse: ({ Item }) => ({ data: String(Item.run_id) }) });

/**
 * Ends a run. Whom it was about is known no more: what stays is numbers.
 *
 * @throws when another one works on it
 */
async function end(run: StoredPersonalData, how: Pick<StoredPersonalData, "status" | "counts" | "error">) {
  const { work: _, open_key = "", ...rest } = run;
  const ended = { ...rest, ...how, finished_at: new Date().toISOString(), revision: run.revision + 1 };
  const free: Write = { Delete: { TableName: tableName, Key: openRunKey(open_key) } };
  const written = put(PersonalDataEntity, ended, equals({ revision: run.revision }));
  if ((await commit([written, free])).length > 0) throw new Error(`Another one works on ${run.id}`);
}

/** How many of each entity there are among `<entity> <id>`. */
const countsOf = (named: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(named, (one) => one.split(" ")[0] ?? "")].map(([entity, { length }]) => [entity, length]),
  );

/** Both together, by name. */
const sum = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

/** What of an item an export shows: without keys, searches and secrets. */
const shown = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => !/_key$|secret|token|hash|^written_by$/.test(name)),
  );

/** Whether a user wrote an item last. */
const isWrittenBy = ({ values }: StoredItem, user_id: string | undefined) =>
  user_id !== undefined && (values.written_by as { id?: unknown } | undefined)?.id === user_id;

/** An item, and the comments of it, which stand by themselves, as far as they say something of a person. */
async function aboutPerson(item: StoredItem, work: PersonalDataWork, now: string): Promise<StoredItem[]> {
  const isLookedInto =
    item.entity === "ticket" &&
    (work.user_id === undefined
      ? work.customers.includes(String(item.values.customer_id))
      : Number(item.values.comment_count) > 0);
  const all = isLookedInto ? [item, ...(await commentsOf(String(item.values.id)))] : [item];
  return all.filter(
    (one) =>
      erasedItem(one.entity ?? "", one.values, work, now) !== undefined || isWrittenBy(one, work.user_id),
  );
}

const nameOf = ({ entity, values }: StoredItem) => `${entity} ${values.id ?? values.customer_id}`;

/** How a run is asked whether its time is up, and goes on. */
interface Invocation {
  remaining(): number;
}

/**
 * Erases a person page by page. What a page holds of them is noted before any of it is erased: a run that breaks off
 * between the two finds less than there was, and still counts it, once.
 *
 * @returns the run as it stands; `undefined` when the time is up
 */
async function eraseAll(
  started: StoredPersonalData,
  { remaining }: Invocation,
): Promise<StoredPersonalData | undefined> {
  let run = started;
  const now = new Date().toISOString();
  for (;;) {
    let work = run.work as PersonalDataWork;
    const [what, range] = PARTS[work.part] ?? [];
    if (!what || !range) return run;
    const page = await readPage(range, work.cursor);
    const found: StoredItem[] = [];
    const files: StoredReport[] = [];
    for (const item of page.items) {
      work = learn(work, item);
      if (what === "find" || !item.entity) continue;
      if (item.entity === "suppression") {
        // The address itself is taken out at the end; what stands under an older kind of id moves, whosever it is.
        await Suppressions.moveIfUnkeyed(item.values as StoredSuppression);
        continue;
      }
      if (item.entity === "report" && mayName(item.values, work)) files.push(item.values as StoredReport);
      found.push(...(await aboutPerson(item, work, now)));
    }
    const names = [...found.map(nameOf), ...files.map(({ id }) => `report_file ${id}`)];
    const planned = [...new Set([...(work.planned ?? []), ...names])];
    if (planned.length > (work.planned?.length ?? 0))
      run = await save({ ...run, work: { ...work, planned } }, run);
    for (const file of files) await deleteFiles(file);
    for (const item of found) {
      if (item.entity === "user" && item.values.id === work.user_id) await deleteAvatar(item.values);
      await eraseItem(item, work, now);
    }
    const isEnd = page.next === undefined;
    const touched = [
      ...new Set([...work.touched, ...planned.filter((one) => !one.startsWith("report_file "))]),
    ];
    const next = { ...work, part: work.part + (isEnd ? 1 : 0), cursor: page.next, planned: undefined };
    const counts = sum(run.counts, countsOf(planned));
    run = await save({ ...run, counts, work: { ...next, touched: touched.slice(0, MOST_TOUCHED) } }, run);
    if (remaining() < RESERVE_MS) return undefined;
  }
}

/**
 * What follows from what was erased: quotes of comments, the address that gets no more mail, log-in, and the entries of
 * the audit trail. Only counts it, for what is noted before.
 */
async function last(
  work: PersonalDataWork,
  how: "erase" | "count",
): Promise<Readonly<Record<string, number>>> {
  let recent_feedback = 0;
  for (const product of Product.options) {
    const quoted = await find(recentFeedbackRequest(product));
    const responses = quoted?.responses.filter(({ survey_id }) => !work.surveys.includes(survey_id));
    if (!quoted || !responses || responses.length === quoted.responses.length) continue;
    recent_feedback += quoted.responses.length - responses.length;
    const after = { ...quoted, responses, revision: quoted.revision + 1 };
    if (how === "erase" && !(await commitOne(recentFeedbackWrite(after, quoted))))
      throw new Error("Recent feedback is busy");
  }
  // Who has done what is counted by names, where it was typed.
  if (how === "erase" && work.user_id) await forgetCounters("performer", work.names);
  const says = createMatcher(work);
  let entries = 0;
  const subjects = new Set([
    ...work.touched,
    ...work.customers.map((id) => `customer ${id}`),
    ...work.surveys.map((id) => `survey ${id}`),
    ...work.links.map((id) => `survey_link ${id}`),
    ...(work.email === undefined ? [] : await Suppressions.namesOf(work.email)),
    ...(work.user_id ? [`user ${work.user_id}`] : []),
  ]);
  for (const subject of subjects) {
    const [entity = "", id = ""] = subject.split(" ");
    // All that is personal of the person themself is theirs, whether or not it names them.
    const isThem = entity === "user" && id === work.user_id;
    entries += await eraseFrom(entity, id, isThem ? () => true : says, how);
  }
  if (work.user_id) entries += await eraseActor(work.user_id, how);
  const suppression = work.email === undefined ? 0 : await Suppressions.eraseAddress(work.email, ERASED, how);
  let login_and_sessions = 0;
  if (work.user_id && work.email) {
    const ending = endOf(work.user_id, await signInsOf(work.user_id, emailKey(work.email)));
    login_and_sessions = ending.length;
    if (how === "erase") for (const write of ending) await commitOne(write);
  }
  return { recent_feedback, audit_entry: entries, suppression, login_and_sessions };
}

/** @returns whether it is done */
async function erase(started: StoredPersonalData, invocation: Invocation): Promise<boolean> {
  let run = await eraseAll(started, invocation);
  if (!run) return false;
  const work = run.work as PersonalDataWork;
  if (!work.last) {
    if ((await measureStreamLag(STREAM_MS)) >= STREAM_MS) throw new Error("The stream is behind");
    run = await save({ ...run, work: { ...work, last: await last(work, "count") } }, run);
  }
  await last(work, "erase");
  await end(run, { status: "completed", counts: sum(run.counts, (run.work as PersonalDataWork).last ?? {}) });
  return true;
}

/** What an export says of how a user signs in: where, since when, and as whom at a provider. */
async function exportedSignIns({ user_id, email = "" }: PersonalDataWork) {
  if (user_id === undefined) return [];
  const { sessions, factor, identity } = await signInsOf(user_id, emailKey(email));
  return [
    ...sessions.map(({ id, created_at, last_active, ip_address, user_agent }) => ({
      ...{ entity: "session", id, created_at, last_active, ip_address, user_agent },
    })),
    ...(factor
      ? [{ entity: "second_factor", created_at: factor.created_at, enabled_at: factor.enabled_at }]
      : []),
    ...(identity ? [{ entity: "identity", ...shown(identity) }] : []),
  ];
}

/** Collects a person's data. What it has is in memory: one that breaks off begins anew. @returns whether it is done */
async function collect(run: StoredPersonalData, { remaining }: Invocation): Promise<boolean> {
  const now = new Date().toISOString();
  const items: Readonly<Record<string, unknown>>[] = [];
  let work = run.work as PersonalDataWork;
  for (const [what, range] of PARTS) {
    let cursor: PersonalDataWork["cursor"];
    do {
      const page = await readPage(range, cursor);
      for (const item of page.items) {
        work = learn(work, item);
        if (what === "find" || !item.entity) continue;
        // What they only wrote last is not about them.
        for (const about of await aboutPerson(item, work, now))
          if (erasedItem(about.entity ?? "", about.values, work, now) !== undefined)
            items.push({ entity: about.entity, ...shown(about.values) });
      }
      cursor = page.next;
      if (remaining() < RESERVE_MS) return false;
    } while (cursor !== undefined);
  }
  items.push(...(await exportedSignIns(work)));
  const file = { person: { email: work.email, user_id: work.user_id, names: work.names }, items };
  await storeFile(exportKey(run.id), Buffer.from(JSON.stringify(file, undefined, 2)), "application/json");
  await end(run, { status: "completed", counts: countsOf(items.map(({ entity }) => `${entity} `)) });
  return true;
}

/** Goes on with a run until it is done or the time is up. Each page may be done twice. @returns whether it is done */
const goOn = (run: StoredPersonalData, invocation: Invocation): Promise<boolean> =>
  run.kind === "erasure" ? erase(run, invocation) : collect(run, invocation);

/**
 * Notes that a run has failed once more. It stays due, and the watch has it tried again every quarter of an hour; after
 * so many times it has failed for good, and forgets whom it was about.
 */
async function noteFailure(id: string): Promise<void> {
  const run = await find(getRequest(PersonalDataEntity, id));
  if (run?.status !== "pending") return;
  const attempts = (run.attempts ?? 0) + 1;
  if (attempts < MOST_ATTEMPTS) await save({ ...run, attempts }, run);
  else await end({ ...run, attempts }, { status: "failed", counts: run.counts, error: GIVEN_UP });
}

/** Works through all runs that are due. */
export const personalDataJob = () =>
  defineDueJob({
    id: "personal_data",
    kind: "personal_data",
    workOn: async (id, _, { remaining, log }) => {
      const run = await find(getRequest(PersonalDataEntity, id));
      if (run?.status !== "pending") return "gone";
      try {
        return (await goOn(run, { remaining })) ? "done" : "later";
      } catch (error) {
        log(id, error);
        await noteFailure(id).catch((failure: unknown) => log(id, failure));
        return "failed";
      }
    },
    busy: "Personal data is being collected or erased right now.",
  });
