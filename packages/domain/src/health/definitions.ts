/** Score definitions as people keep them: drafts, what they would say, and which are in use (decision 55). */
import { randomUUID } from "node:crypto";
import { conflict, type IfMatch, notFound, requireMatch } from "@success-manager/contract/problem";
import {
  NewScoreDefinition,
  type PublishedScoreDefinition,
  type ScoreDefinition,
  type ScoreDefinitionContent,
  type ScorePreview,
} from "@success-manager/contract/score-definitions";
import { type CustomerStatus, HealthRisk } from "@success-manager/contract/vocabulary";
import pLimit from "p-limit";
import { getAlertCache } from "../alerts/index.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { meanOf } from "../figures.ts";
import type { JobInvocation } from "../jobs/index.ts";
import { sampledShare } from "../statistics/index.ts";
import {
  batchGet,
  commit,
  commitOne,
  deleteItem,
  find,
  getOrThrow,
  getRequest,
  partitions,
  put,
  putItem,
  queryAll,
  RETRY,
  ScoreDefinitionEntity,
  ScoreRegistryEntity,
  type StoredScoreDefinition,
  type StoredScoreRegistry,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";
import { basisOf } from "./basis.ts";
import { definitionFor } from "./decision.ts";
import {
  appliesTo,
  type Definition,
  definitionOne,
  type Evaluation,
  evaluate,
  lookBackDays,
  RECOMMENDED,
} from "./definition.ts";
import { activitySince, configuredWeights, recentActivity, validateInputs } from "./inputs.ts";

const REGISTRY = "current";
/** More nobody knows apart. Scoring reads them in one item, which DynamoDB limits to 400 KB. */
const MAX_IN_USE = 20;
const MAX_BYTES_IN_USE = 350_000;
const FIRST_VERSION = 2;

/** The definitions in use, to read in a batch. */
export const registryRequest = () => getRequest(ScoreRegistryEntity, REGISTRY);

export const definitionsOf = (stored: StoredScoreRegistry | undefined): readonly Definition[] =>
  stored?.definitions ?? [];

/** The definitions in use, in one read. */
export const loadDefinitions = async (): Promise<readonly Definition[]> =>
  definitionsOf(await find(registryRequest()));

/** How many days of activity the definitions in use look at. */
export const lookBackOf = (definitions: readonly Definition[]) =>
  Math.max(lookBackDays(definitionOne()), ...definitions.map(lookBackDays));

/** The id of version 1, which is built in and stands in no table. */
export const VERSION_ONE_ID = "00000000-0000-4000-8000-000000000001";
const RECOMMENDED_ID = "00000000-0000-8000-8000-000000000002";

function versionOne(): ScoreDefinition {
  const { version, ...content } = definitionOne(configuredWeights());
  return {
    id: VERSION_ONE_ID,
    version,
    status: "published",
    name: "The specification's health score",
    note: "Four components, weighted as this stage says. Holds wherever no other definition applies.",
    ...content,
    ...{ created_at: null, created_by: null, updated_at: null, published_at: null, published_by: null },
    ...{ retired_at: null, revision: 0 },
  };
}

const toDefinition = ({
  id,
  status,
  score_version,
  content,
  ...stored
}: StoredScoreDefinition): ScoreDefinition => ({
  id,
  version: score_version ?? null,
  status,
  ...content,
  created_at: stored.created_at,
  created_by: stored.created_by,
  updated_at: stored.updated_at,
  published_at: stored.published_at ?? null,
  published_by: stored.published_by ?? null,
  retired_at: stored.retired_at ?? null,
  revision: stored.revision,
});

const request = (id: string) => getRequest(ScoreDefinitionEntity, id);
const NAME = "Score definition";

/** All definitions: drafts first, then by version, the newest first; version 1 is the last. */
export async function list(): Promise<{ definitions: ScoreDefinition[] }> {
  const stored = await queryAll<StoredScoreDefinition>({
    partition: partitions.type("score_definition"),
    order: "desc",
  });
  const all = stored.map(toDefinition);
  const rank = ({ version }: ScoreDefinition) => version ?? Number.POSITIVE_INFINITY;
  return {
    definitions: [...all.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a))), versionOne()],
  };
}

/** @throws 404 */
export async function get(id: string): Promise<ScoreDefinition> {
  if (id === VERSION_ONE_ID) return versionOne();
  return toDefinition(await getOrThrow(request(id), NAME));
}

export async function create(
  content: ScoreDefinitionContent,
  { full_name }: { readonly full_name: string },
  id: string = randomUUID(),
): Promise<ScoreDefinition> {
  const now = new Date().toISOString();
  const draft: StoredScoreDefinition = {
    ...{ id, status: "draft", content, created_at: now, created_by: full_name },
    ...{ updated_at: now, revision: 1 },
  };
  await commit([put(ScoreDefinitionEntity, draft)]);
  return toDefinition(draft);
}

/**
 * Publishes what we recommend as version 2, where nobody has published anything; answers whether it did.
 *
 * @param full_name in whose name
 */
export async function publishRecommended(full_name: string): Promise<boolean> {
  if (await find(registryRequest())) return false;
  const { id } = await create(RECOMMENDED, { full_name }, RECOMMENDED_ID);
  try {
    await publish(id, { full_name });
    return true;
  } catch {
    // Somebody else was faster.
    await remove(id);
    return false;
  }
}

const published = () =>
  conflict("This definition is published, and what is published never changes. Make a new draft of it.");

/** A draft as it is stored. @throws 404; 409 for what is published; 412 when `ifMatch` is outdated */
async function loadDraft(id: string, ifMatch?: IfMatch): Promise<StoredScoreDefinition> {
  if (id === VERSION_ONE_ID) throw published();
  const draft = await getOrThrow(request(id), NAME);
  requireMatch(draft.revision, ifMatch);
  if (draft.status !== "draft") throw published();
  return draft;
}

const write = (after: StoredScoreDefinition) =>
  putItem(ScoreDefinitionEntity.put(after).where(({ revision }, { eq }) => eq(revision, after.revision - 1)));

/** Changes a draft as a whole. @throws 404; 409 for what is published; 412 when `ifMatch` is outdated */
export const update = (
  id: string,
  content: ScoreDefinitionContent,
  ifMatch?: IfMatch,
): Promise<ScoreDefinition> =>
  withOptimisticRetry(async () => {
    const draft = await loadDraft(id, ifMatch);
    const updated_at = new Date().toISOString();
    const after = { ...draft, content, updated_at, revision: draft.revision + 1 };
    // Not the whole item: what a back-test has found meanwhile stays.
    const changed = ScoreDefinitionEntity.patch({ id })
      .set({ content, updated_at, revision: after.revision })
      .where(({ revision }, { eq }) => eq(revision, draft.revision));
    return (await commitOne(updateItem(changed))) ? toDefinition(after) : RETRY;
  });

/** Deletes a draft. @throws 404; 409 for what is published; 412 when `ifMatch` is outdated */
export const remove = (id: string, ifMatch?: IfMatch): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const draft = await loadDraft(id, ifMatch);
    const deleted = ScoreDefinitionEntity.delete({ id }).where(({ revision }, { eq }) =>
      eq(revision, draft.revision),
    );
    return (await commitOne(deleteItem(deleted))) ? { message: "The draft is deleted." } : RETRY;
  });

/** The definitions in use, onto the revision that was read. */
const writeRegistry = (after: StoredScoreRegistry, before: StoredScoreRegistry | undefined) =>
  putItem(
    ScoreRegistryEntity.put(after).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );

const OVERTAKEN =
  "Somebody else has published, changed or retired a definition at this moment. Look at it, and try again.";

/** What speaks against a filter: it tells customers apart by what the score itself decides (decision 13). */
function warningsOfFilter({ applies_to: { statuses } }: ScoreDefinitionContent): string[] {
  const names = (status: CustomerStatus) => statuses?.includes(status) ?? true;
  return names("active") === names("at_risk") && names("onboarding") === names("at_risk")
    ? []
    : [
        "It is for customers at_risk and not for all who are active or onboarding, or the other way round. A score below 60 makes them at_risk, and one of 60 or more takes that back: they may go to and fro between two definitions.",
      ];
}

/** What speaks against publishing a draft: its filter, that nobody has tested it, or what came of its back-test. */
const warningsOf = (draft: StoredScoreDefinition): string[] => [
  ...warningsOfFilter(draft.content),
  ...warningsOfTest(draft),
];

function warningsOfTest({ tested, revision }: StoredScoreDefinition): string[] {
  if (!tested) return ["Nobody has back-tested this draft: whether it tells who leaves is not known."];
  if (tested.revision !== revision)
    return ["This draft was changed after its last back-test: whether it tells who leaves is not known."];
  const { verdict, comparison, leaks } = tested;
  return [
    ...(verdict === "better_than_chance" ? [] : [tested.sentence]),
    ...(comparison === null || comparison.verdict === "better" ? [] : [comparison.sentence]),
    ...(leaks.length > 0
      ? [`These measures may know the outcome, so its back-test promises too much: ${leaks.join(", ")}.`]
      : []),
  ];
}

/** @throws 409 for a draft that was written when less was refused */
function requireValid(content: ScoreDefinitionContent): void {
  const [fault] = NewScoreDefinition.safeParse(content).error?.issues ?? [];
  if (fault)
    throw conflict(
      `This draft can't be published: ${fault.path.join(".")} ${fault.message}. Change it first.`,
    );
}

/**
 * Publishes a draft under the next version, and says what speaks against it. Of two who publish at once one wins: what
 * the other has previewed holds no longer.
 *
 * @throws 404; 409 for what is published already, when others were faster, too many are in use, or it contradicts
 *   itself by rules that came after it; 412
 */
export async function publish(
  id: string,
  { full_name }: { readonly full_name: string },
  ifMatch?: IfMatch,
): Promise<PublishedScoreDefinition> {
  if (id === VERSION_ONE_ID) throw published();
  const [draft, registry] = await batchGet(request(id), registryRequest());
  if (!draft) throw notFound(NAME);
  requireMatch(draft.revision, ifMatch);
  if (draft.status !== "draft") throw published();
  requireValid(draft.content);
  const definitions = definitionsOf(registry);
  if (definitions.length >= MAX_IN_USE)
    throw conflict(`At most ${MAX_IN_USE} definitions are in use at once. Retire one first.`);
  const version = registry?.next_version ?? FIRST_VERSION;
  const { name: _, note: __, ...rules } = draft.content;
  const next = [...definitions, { ...rules, version }];
  if (Buffer.byteLength(JSON.stringify(next)) > MAX_BYTES_IN_USE)
    throw conflict(
      "The definitions in use are too long together. Retire one first, or name fewer industries.",
    );
  const now = new Date().toISOString();
  const after: StoredScoreDefinition = {
    ...draft,
    ...{ status: "published", score_version: version, published_at: now, published_by: full_name },
    ...{ updated_at: now, revision: draft.revision + 1 },
  };
  const failed = await commit([
    write(after),
    writeRegistry(
      {
        id: REGISTRY,
        definitions: next,
        next_version: version + 1,
        revision: (registry?.revision ?? 0) + 1,
      },
      registry,
    ),
  ]);
  if (failed.length > 0) throw conflict(OVERTAKEN);
  return { ...toDefinition(after), warnings: warningsOf(draft) };
}

/** Takes a published definition out of use, from the next score on. @throws 404; 409 for version 1 and drafts */
export async function retire(id: string): Promise<ScoreDefinition> {
  if (id === VERSION_ONE_ID)
    throw conflict("Version 1 holds wherever no other definition applies. It can't be retired.");
  const [stored, registry] = await batchGet(request(id), registryRequest());
  if (!stored) throw notFound(NAME);
  if (stored.status === "retired") return toDefinition(stored);
  if (stored.status === "draft" || !registry)
    throw conflict("This definition is a draft. It is not in use, and can be deleted.");
  const now = new Date().toISOString();
  const after: StoredScoreDefinition = {
    ...stored,
    ...{ status: "retired", retired_at: now, updated_at: now, revision: stored.revision + 1 },
  };
  const failed = await commit([
    write(after),
    writeRegistry(
      {
        ...registry,
        definitions: registry.definitions.filter(({ version }) => version !== stored.score_version),
        revision: registry.revision + 1,
      },
      registry,
    ),
  ]);
  if (failed.length > 0) throw conflict(OVERTAKEN);
  return toDefinition(after);
}

/** How long a preview looks at customers, in milliseconds, and what it leaves of its request. Gateways wait for 29 s. */
const PREVIEW_MS = 15_000;
const RESERVE_MS = 4_000;
const CONCURRENT_READS = 24;
/** How many are looked at between two looks at the clock. */
const WAVE_SIZE = 240;
/** How many of those who change band are named; a quarter of a megabyte. */
const MAX_CHANGES = 1_000;

const BANDS = HealthRisk.options;
const byBand = <T>(of: (band: HealthRisk) => T) =>
  Object.fromEntries(BANDS.map((band) => [band, of(band)])) as Record<HealthRisk, T>;

/** The same rows in an order of which each beginning is an even sample: halves, quarters, eighths. */
export function evenOrder<T>(rows: readonly T[]): T[] {
  const bits = Math.ceil(Math.log2(Math.max(1, rows.length)));
  const ordered: T[] = [];
  for (let n = 0; n < 2 ** bits; n++) {
    let place = 0;
    for (let bit = 0; bit < bits; bit++) if (n & (1 << bit)) place |= 1 << (bits - 1 - bit);
    if (place < rows.length) ordered.push(rows[place] as T);
  }
  return ordered;
}

/** What holds of a customer once a definition is in use, beside what holds now. */
interface Comparison {
  readonly customer: CustomerRow["customer"];
  /** Whether another definition comes first for them. */
  readonly isOutranked: boolean;
  readonly before: Evaluation;
  readonly after: Evaluation;
}

/** What is compared comes to, whatever order it came in. @param all how many it was taken from, evenly */
function previewOf(compared: readonly Comparison[], all: number) {
  const of = (which: "before" | "after") => {
    const counts = byBand((band) => compared.filter((one) => one[which].band === band).length);
    const shares = byBand((band) => {
      const { share, low, high } = sampledShare(counts[band], compared.length, all);
      return { value: fourDecimals(share ?? 0), low: fourDecimals(low), high: fourDecimals(high) };
    });
    const sum = compared.reduce((total, one) => total + one[which].score, 0);
    return { counts, shares: compared.length === 0 ? null : shares, mean: meanOf(sum, compared.length) };
  };
  const [now, then] = [of("before"), of("after")];
  const changes = compared
    .filter(({ before, after }) => before.band !== after.band)
    .map(({ customer: { id: customer_id, company_name }, before, after }) => ({
      ...{ customer_id, company_name, score_now: before.score, score_then: after.score },
      ...{ band_now: before.band, band_then: after.band, coverage: after.coverage },
    }))
    .sort(
      (a, b) =>
        Math.abs(b.score_then - b.score_now) - Math.abs(a.score_then - a.score_now) ||
        (a.customer_id < b.customer_id ? -1 : 1),
    );
  return {
    ...{ bands_now: now.counts, bands_then: then.counts, shares_now: now.shares, shares_then: then.shares },
    ...{ mean_now: now.mean, mean_then: then.mean },
    outranked: compared.filter(({ isOutranked }) => isOutranked).length,
    ...{ changed: changes.length, changes: changes.slice(0, MAX_CHANGES) },
  };
}

const fourDecimals = (value: number) => Math.round(value * 1e4) / 1e4;

/**
 * What would hold today of those whom a definition is for if it were in use, beside what holds now. All of them, with
 * one query each; where time is up before, those looked at by then are an even sample by id.
 *
 * @param remaining milliseconds left of the request
 * @throws 404
 */
export async function preview(
  id: string,
  remaining: JobInvocation["remaining"],
  now = new Date(),
): Promise<ScorePreview> {
  const end = remaining() - PREVIEW_MS;
  const [definition, definitions, directory, alerts] = await Promise.all([
    get(id),
    loadDefinitions(),
    getDirectory(),
    getAlertCache(),
  ]);
  const weights = configuredWeights();
  // A draft would be the newest.
  const next: Definition = { ...definition, version: definition.version ?? Number.POSITIVE_INFINITY };
  const others = definitions.filter(({ version }) => version !== next.version);
  const rows = [...directory.customers.values()]
    .filter(
      ({ customer, deployments }) => customer.status !== "churned" && appliesTo(next, customer, deployments),
    )
    .sort((a, b) => (a.customer.id < b.customer.id ? -1 : 1));
  const since = activitySince(lookBackOf([...definitions, next]), now, undefined);
  const compare = async ({ customer, deployments }: CustomerRow): Promise<Comparison | undefined> => {
    const activity = await recentActivity(customer.id, since, now);
    try {
      validateInputs(customer, activity);
    } catch {
      return undefined;
    }
    const inputs = { ...basisOf(customer, deployments, alerts.of(customer.id)), ...activity };
    const current = definitionFor({ customer, deployments, definitions }, weights);
    const coming = definitionFor({ customer, deployments, definitions: [...others, next] }, weights);
    return {
      ...{ customer, isOutranked: coming !== next },
      ...{ before: evaluate(current, inputs, now), after: evaluate(coming, inputs, now) },
    };
  };
  const limit = pLimit(CONCURRENT_READS);
  const found: (Comparison | undefined)[] = [];
  const order = evenOrder(rows);
  while (found.length < order.length) {
    const wave = order.slice(found.length, found.length + WAVE_SIZE);
    found.push(...(await Promise.all(wave.map((row) => limit(() => compare(row))))));
    if (remaining() < Math.max(end, RESERVE_MS)) break;
  }
  const compared = found.filter((one) => one !== undefined);
  const unreadable = found.length - compared.length;
  return {
    ...{ customers: rows.length, sampled: found.length, unreadable },
    ...previewOf(compared, rows.length - unreadable),
  };
}
