/** Runs that export or erase a person's data: one after the other, each from where it stood. */
import { Product } from "@success-manager/contract/vocabulary";
import { eraseActor, eraseFrom } from "../audit/index.ts";
import { recentFeedbackRequest, recentFeedbackWrite } from "../counters/index.ts";
import { defineJob, measureStreamLag, type Progress } from "../jobs/index.ts";
import { deleteFiles, storeFile } from "../reports/index.ts";
import {
  commit,
  commitOne,
  emailKey,
  equals,
  find,
  getRequest,
  PersonalDataEntity,
  type PersonalDataWork,
  partitions,
  put,
  queryAll,
  type StoredPersonalData,
  type StoredReport,
} from "../table/index.ts";
import { deleteAvatar } from "../users/index.ts";
import { releaseOpen } from "./open.ts";
import { createMatcher, erasedItem, mayName } from "./person.ts";
import { commentsOf, eraseItem, eraseLogin, learn, PARTS, readPage } from "./walk.ts";

/** Where an export is kept, for some days (infra/data.ts). */
export const exportKey = (id: string) => `reports/personal-data/${id}.json`;

interface RunsProgress extends Progress {
  readonly done: number;
  readonly failed: number;
}

/** Left of an invocation to note where it stands. */
const RESERVE_MS = 60_000;
/** How long the stream may: what was changed just before is in the audit trail then. */
const STREAM_MS = 60_000;

/** Writes a run over the one that was read; another one at work on it would have changed it. @throws when it has */
async function save(after: StoredPersonalData, before: StoredPersonalData): Promise<StoredPersonalData> {
  const next = { ...after, revision: before.revision + 1 };
  if (await commitOne(put(PersonalDataEntity, next, equals({ revision: before.revision })))) return next;
  throw new Error(`Another one works on ${before.id}`);
}

const counting = (counts: Readonly<Record<string, number>>, name: string, by = 1) => ({
  ...counts,
  [name]: (counts[name] ?? 0) + by,
});

/** What of an item an export shows: without keys, searches and secrets. */
const shown = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => !/_key$|secret|token|hash|^written_by$/.test(name)),
  );

/**
 * Goes on with a run until it is done or the time is up. Each page may be done twice; that does no harm.
 *
 * @returns whether it is done
 */
async function goOn(started: StoredPersonalData, remaining: () => number): Promise<boolean> {
  let run = started;
  const now = new Date().toISOString();
  const exported: object[] = [];
  const { kind } = run;
  let work = run.work as PersonalDataWork;
  while (work.part < PARTS.length) {
    const [what, range] = PARTS[work.part] ?? [];
    if (!what || !range) break;
    const page = await readPage(range, work.cursor);
    let counts = run.counts;
    for (const item of page.items) {
      work = learn(work, item);
      if (what === "find" || !item.entity) continue;
      const touches = async () => {
        if (kind === "erasure") {
          if (item.entity === "report" && mayName(item.values, work)) {
            await deleteFiles(item.values as unknown as StoredReport);
            counts = counting(counts, "report_file");
          }
          if (item.entity === "user" && item.values.id === work.user_id) await deleteAvatar(item.values);
          return eraseItem(item, work, now);
        }
        const isAbout = erasedItem(item.entity ?? "", item.values, work, now) !== undefined;
        if (isAbout) exported.push({ entity: item.entity, ...shown(item.values) });
        return isAbout;
      };
      if (await touches()) {
        counts = counting(counts, item.entity);
        const id = String(item.values.id ?? item.values.customer_id);
        work = { ...work, touched: [...new Set([...work.touched, `${item.entity} ${id}`])].slice(0, 5_000) };
      }
      if (item.entity === "ticket" && work.customers.includes(String(item.values.customer_id)))
        for (const comment of await commentsOf(String(item.values.id))) {
          if (kind === "erasure") {
            if (!(await eraseItem(comment, work, now))) continue;
            counts = counting(counts, "ticket_comment");
            work = { ...work, touched: [...work.touched, `ticket_comment ${comment.values.id}`] };
          } else if (erasedItem("ticket_comment", comment.values, work, now)) {
            exported.push({ entity: "ticket_comment", ...shown(comment.values) });
            counts = counting(counts, "ticket_comment");
          }
        }
    }
    const isEnd = page.next === undefined;
    work = { ...work, part: work.part + (isEnd ? 1 : 0), cursor: page.next };
    // What was collected is in memory: an export that breaks off begins anew.
    if (kind === "erasure") run = await save({ ...run, work, counts }, run);
    else run = { ...run, counts };
    if (remaining() < RESERVE_MS) return false;
  }
  if (kind === "erasure") run = await finishErasure(run, work);
  else {
    const file = { person: { email: work.email, user_id: work.user_id, names: work.names }, items: exported };
    await storeFile(exportKey(run.id), Buffer.from(JSON.stringify(file, undefined, 2)), "application/json");
  }
  // Whom it was about is known no more: the certificate is numbers.
  const { work: _, open_key = "", ...rest } = run;
  const certificate: StoredPersonalData = {
    ...rest,
    ...{ status: "completed", finished_at: new Date().toISOString(), revision: run.revision + 1 },
  };
  const done = put(PersonalDataEntity, certificate, equals({ revision: run.revision }));
  if ((await commit([done, releaseOpen(open_key)])).length > 0)
    throw new Error(`Another one works on ${run.id}`);
  return true;
}

/** What follows from what was erased: quotes of comments, log-in, and the entries of the audit trail. */
async function finishErasure(run: StoredPersonalData, work: PersonalDataWork): Promise<StoredPersonalData> {
  let { counts } = run;
  for (const product of Product.options) {
    const quoted = await find(recentFeedbackRequest(product));
    const responses = quoted?.responses.filter(({ survey_id }) => !work.surveys.includes(survey_id));
    if (!quoted || !responses || responses.length === quoted.responses.length) continue;
    const after = { ...quoted, responses, revision: quoted.revision + 1 };
    if (!(await commitOne(recentFeedbackWrite(after, quoted)))) throw new Error("Recent feedback is busy");
    counts = counting(counts, "recent_feedback", quoted.responses.length - responses.length);
  }
  if (work.user_id && work.email) {
    const gone = await eraseLogin(work.user_id, emailKey(work.email));
    if (gone > 0) counts = counting(counts, "login_and_sessions", gone);
  }
  if ((await measureStreamLag(STREAM_MS)) >= STREAM_MS) throw new Error("The stream is behind");
  const says = createMatcher(work);
  let entries = 0;
  const subjects = new Set([
    ...work.touched,
    ...work.customers.map((id) => `customer ${id}`),
    ...work.surveys.map((id) => `survey ${id}`),
    ...work.links.map((id) => `survey_link ${id}`),
    ...(work.user_id ? [`user ${work.user_id}`] : []),
  ]);
  for (const subject of subjects) {
    const [entity = "", id = ""] = subject.split(" ");
    // All that is personal of the person themself is theirs, whether or not it names them.
    const isThem = entity === "user" && id === work.user_id;
    entries += await eraseFrom(entity, id, isThem ? () => true : says);
  }
  if (work.user_id) entries += await eraseActor(work.user_id);
  return { ...run, counts: entries > 0 ? counting(counts, "audit_entry", entries) : counts };
}

interface Due {
  readonly id: string;
}

/** Works through all runs that are due, the oldest first. */
export const personalDataJob = () =>
  defineJob<RunsProgress>({
    id: "personal_data",
    subject: "item",
    start: { done: 0, failed: 0, finished: false },
    run: async (_, from, { remaining, log, save: report }) => {
      let progress = from;
      const tried = new Set<string>();
      for (;;) {
        const due = await queryAll<Due>({ partition: partitions.dueDate("personal_data") });
        const next = due.find(({ id }) => !tried.has(id));
        if (!next) return { ...progress, finished: true };
        const run = await find(getRequest(PersonalDataEntity, next.id));
        tried.add(next.id);
        if (run?.status !== "pending") continue;
        try {
          if (!(await goOn(run, remaining))) return progress;
          progress = { ...progress, done: progress.done + 1 };
        } catch (error) {
          // It stays due: whoever asks for it has it tried again.
          log(next.id, error);
          progress = { ...progress, failed: progress.failed + 1 };
        }
        report(progress);
      }
    },
    counts: ({ done, failed }) => ({ done, failed }),
    busy: "Personal data is being collected or erased right now.",
  });
