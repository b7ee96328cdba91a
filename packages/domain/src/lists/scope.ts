/**
 * What a caller sees who does not see all customers: the scope of a request. Customers, their deployments and the figures
 * of these come from the directory; counters are made of the copies of lists, by the rules by which the stream counts
 * for everybody, so that they are exact and say the same.
 */
import type { Actor, KeyActor } from "@success-manager/contract/dsl/endpoint";
import type { User } from "@success-manager/contract/user";
import {
  ALL_DAYS,
  addTo,
  type Counters,
  Counting,
  type DirectorySeries,
  type PeriodSums,
  PREFIX,
  parseCounters,
} from "../counters/index.ts";
import {
  bindDirectory,
  getDirectory,
  type Visibility,
  visibilityOf,
  visibilityOfKey,
  visibleDirectory,
} from "../directory/index.ts";
import {
  ApiKeyEntity,
  find,
  getRequest,
  notForScope,
  outsideScope,
  type Scope,
  type TeamMember,
  withinScope,
} from "../table/index.ts";
import { getColumns } from "./copy.ts";
import { type KeptEntity, keptFields, type Value } from "./kept.ts";

type Item = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, Value>>;

/** What was stored, for who knows of which entity it is: only our own write it. */
const stored = <T extends object>(item: object): T => item as T;

/** What a row counts, as `counters/count.ts` reads it. */
const COUNTED: Readonly<Record<KeptEntity, (row: Row) => readonly Counting.Contribution[]>> = {
  interaction: (row) => Counting.ofInteraction(stored({ ...row, interaction_date: row.at })),
  survey: (row) => Counting.ofSurvey(stored({ ...row, submitted_at: row.at })),
  survey_link: (row) => Counting.ofSurveyLink(stored({ ...row, created_at: row.at })),
  alert: (row) => Counting.ofAlert(stored({ ...row, created_at: row.at })),
  ticket: (row) => Counting.ofTicket(stored({ ...row, created_at: row.at })),
  report: (row) => Counting.ofReport(stored({ ...row, created_at: row.at })),
  report_schedule: (row) => Counting.ofReportSchedule(stored(row)),
};

/** Which rows a series is counted of. Scores are of no list: what is made of their counters is for who sees all. */
const COUNTED_OF: ReadonlyMap<string, readonly KeptEntity[]> = new Map<string, readonly KeptEntity[]>([
  ["interaction", ["interaction"]],
  ["performer", ["interaction"]],
  ["follow_up", ["interaction"]],
  ["survey", ["survey", "survey_link"]],
  ["survey_product", ["survey"]],
  ["survey_link", ["survey_link"]],
  ["survey_link_end", ["survey_link"]],
  ["alert", ["alert"]],
  ["alert_resolved", ["alert"]],
  ["ticket", ["ticket"]],
  ["ticket_sla", ["ticket"]],
  ["ticket_due", ["ticket"]],
  ["report", ["report"]],
  ["report_schedule", ["report_schedule"]],
]);

/** Links count beside responses in their months alone: who asks for days need not look at them. */
const entitiesOf = (series: string, to: string): readonly KeptEntity[] | undefined =>
  series === "survey" && to <= ALL_DAYS ? ["survey"] : COUNTED_OF.get(series);

/** Sums by series and period, as of a version of a copy and of the directory. */
interface Counted {
  readonly version: string;
  readonly bySeries: ReadonlyMap<string, readonly PeriodSums[]>;
}
/** By scope and entity. Of more at a time the oldest are made anew. */
const counted = new Map<string, Counted>();
const MAX_COUNTED = 100;

/** All counters of an entity's rows that a caller sees. Kept until a row changes: it takes a millisecond for 1 000 rows. */
async function countersOf(entity: KeptEntity, scope: Scope, directory_version: number): Promise<Counted> {
  const columns = await withinScope(scope, () => getColumns(entity));
  const version = `${columns.version} ${directory_version}`;
  const key = `${entity} ${entity.startsWith("report") ? scope.caller_id : scope.key}`;
  const existing = counted.get(key);
  if (existing?.version === version) return existing;
  const sums = new Map<string, PeriodSums>();
  const count = COUNTED[entity];
  for (const row of columns.rows({ tests: [] }, keptFields(entity))) addTo(sums, count(row));
  const made = { version, bySeries: Map.groupBy(sums.values(), ({ series }) => series) };
  counted.delete(key);
  counted.set(key, made);
  const [oldest] = counted.keys();
  if (counted.size > MAX_COUNTED && oldest !== undefined) counted.delete(oldest);
  return made;
}

/** As the table holds counters. */
const toItem = ({ period, counters }: PeriodSums): Item => ({
  sk: period,
  ...Object.fromEntries(Array.from(counters, ([name, amount]) => [`${PREFIX}${name}`, amount])),
});

/**
 * The scope of a visibility: what the table, the directory and the copies of lists show within it.
 *
 * @param caller whose own reports and schedules it shows, and who manages the customers that they create
 */
export async function scopeOf(
  visibility: Visibility,
  caller: Pick<Scope, "caller_id" | "manager_id">,
): Promise<Scope> {
  const directory = visibleDirectory(await outsideScope(getDirectory), visibility);
  const scope: Scope = {
    key: visibility.key,
    ...caller,
    shows: (customer_id) => directory.customers.has(customer_id),
    // Only what names the account manager, and the industry, is looked at.
    showsStored: (customer) => directory.showsStored(stored(customer)),
    async counted(series, from, to) {
      const entities = entitiesOf(series, to);
      if (!entities) throw notForScope();
      const all = await Promise.all(entities.map((one) => countersOf(one, scope, directory.version)));
      const sums = all
        .flatMap(({ bySeries }) => bySeries.get(series) ?? [])
        .filter(({ period }) => period >= from && period <= to);
      // What several entities count of one period is one item; their counters have other names.
      return Array.from(
        Map.groupBy(sums, ({ period }) => period).values(),
        (some) => Object.assign({}, ...some.map(toItem)) as Item,
      ).sort((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1));
    },
  };
  const totals = async (series: DirectorySeries): Promise<Counters> =>
    parseCounters({ ...(await scope.counted(series, ALL_DAYS, ALL_DAYS))[0] });
  bindDirectory(scope, { ...directory, totals });
  return scope;
}

/** A user, as far as it decides what they see. */
type UserScope = Pick<User, "id" | "role" | "access" | "team">;

const scopeOfUser = async (user: UserScope): Promise<Scope | undefined> => {
  const visibility = visibilityOf(user);
  return visibility && scopeOf(visibility, { caller_id: user.id, manager_id: user.id });
};

const scopeOfKey = async (key: Pick<KeyActor, "id" | "customers">): Promise<Scope | undefined> => {
  const visibility = visibilityOfKey(key);
  return visibility && scopeOf(visibility, { caller_id: key.id });
};

/**
 * The scope of somebody for whom something is done without them: of a user by what the directory knows of them, of an
 * API key by its filter, as of now; undefined for who sees all.
 *
 * @param is_narrowed whether somebody who is not known any more saw some customers only: then it is nothing
 */
export async function scopeOfOwner(id: string, is_narrowed = false): Promise<Scope | undefined> {
  const { team } = await outsideScope(getDirectory);
  const member = team.get(id);
  const key = member ? undefined : await find(getRequest(ApiKeyEntity, id));
  if (key) return scopeOfKey(key);
  const gone: Partial<TeamMember> = { access: is_narrowed ? "owned" : "all" };
  const { role = "viewer", access = "all", team: name }: Partial<TeamMember> = member ?? gone;
  return scopeOfUser({ id, role, access, team: name ?? null });
}

/** Opens the scope of a caller, as of now: one query, which brings the directory up to date. Undefined for who sees all. */
export const openScope = (actor: Actor): Promise<Scope | undefined> =>
  actor.kind === "key" ? scopeOfKey(actor) : scopeOfUser(actor);
