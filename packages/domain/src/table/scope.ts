/**
 * Whose customers a request may see. While a scope is open, the table shows nothing of any other customer: whoever reads
 * an item, a batch or a query gets what its caller may see, as if the rest did not exist. So no use case has to ask.
 * What is in memory follows the same scope (`directory/visibility.ts`, `lists/scope.ts`).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { forbidden } from "@success-manager/contract/problem";
import type { Partition } from "./keys.ts";

type Item = Readonly<Record<string, unknown>>;

/** What a caller may see who does not see all customers. One for each request. */
export interface Scope {
  /** Callers of the same key see the same customers. */
  readonly key: string;
  /** The user or API key: reports and schedules of their own are theirs to see. */
  readonly caller_id: string;
  /** Who manages a new customer of whom nothing else is said: the user. An API key manages nobody. */
  readonly manager_id?: string | undefined;
  /** Whether they see a customer, as far as the directory knows. */
  shows(customer_id: string): boolean;
  /** Whether they see a customer whose item was read just now. */
  showsStored(customer: Item): boolean;
  /** The counters of a series from one period to another, of what they see alone; as the table would hold them. */
  counted(series: string, from: string, to: string): Promise<readonly Item[]>;
}

/** What items have told that were read in a scope, ahead of the directory. */
const told = new WeakMap<Scope, Map<string, boolean>>();

const storage = new AsyncLocalStorage<Scope | undefined>();

/** The scope of the present request; undefined where everything may be seen. */
export const currentScope = (): Scope | undefined => storage.getStore();

/** Whether the present request may see a part only. */
export const isScoped = (): boolean => storage.getStore() !== undefined;

/** Runs something within a scope; without one, everything may be seen. */
export const withinScope = <T>(scope: Scope | undefined, run: () => T): T => storage.run(scope, run);

/** Runs what fills memory for everybody. Its readers are given what they may see. */
export const outsideScope = <T>(run: () => T): T => storage.run(undefined, run);

/** What can't be answered of some customers. */
export const notForScope = () =>
  forbidden("This is about all customers. You see those of your own, or of your team, alone.");

/**
 * What stands under a key that begins with a word:
 * - `customer`: customers themselves
 * - `ofCustomer`: items that name their customer
 * - `underCustomer`: items of the customer whose id is in the key
 * - `owned`: reports and schedules, which are their owner's
 * - `counters`: of all customers, or of the one whose id is in the key
 * - `open`: nothing of a customer, or nothing without an item that is checked
 *
 * What begins with another word is shown to nobody who does not see all.
 */
type Kind = "customer" | "ofCustomer" | "underCustomer" | "owned" | "counters" | "open";

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["customer", "customer"],
  ...["company", "deployment", "latest_score", "last_contact", "interaction", "ticket"].map(
    (word) => [word, "ofCustomer"] as const,
  ),
  ...[
    "survey",
    "survey_link",
    "alert",
    "outcome",
    "outcome_version",
    "outcome_ledger",
    "renewal",
    "score_override",
  ].map((word) => [word, "ofCustomer"] as const),
  // Only of `byDueDate`: open follow-ups are interactions.
  ["follow_up", "ofCustomer"],
  ["scores", "underCustomer"],
  ["conditions", "underCustomer"],
  ["tickets", "underCustomer"],
  ["survey_links", "underCustomer"],
  ["score_entries", "underCustomer"],
  ["report", "owned"],
  ["report_schedule", "owned"],
  ["rollup", "counters"],
  // They lead to an item that is checked, or belong to one that was.
  ...["ticket_number", "ticket_comments", "alert_mail"].map((word) => [word, "open"] as const),
  // The team, its sessions and what runs for it.
  ...["user", "teammate", "login", "password_link", "session", "quorum", "quota", "settings", "sequence"].map(
    (word) => [word, "open"] as const,
  ),
  ...[
    "score_definition",
    "score_registry",
    "suppression",
    "shards",
    "job",
    "job_lock",
    "logins",
    "account_logins",
    "device_logins",
  ].map((word) => [word, "open"] as const),
]);

const wordOf = (key: string) => key.split("#", 1)[0] ?? "";
const restOf = (key: string) => key.slice(wordOf(key).length + 1);

const showsCustomer = (scope: Scope, id: unknown): boolean =>
  typeof id === "string" && (told.get(scope)?.get(id) ?? scope.shows(id));

/** Own schedules, and own reports that do not tell of all customers. */
const isOwn = ({ caller_id }: Scope, { owner_id, created_by_id, is_narrowed }: Item) =>
  created_by_id === caller_id || (owner_id === caller_id && is_narrowed === true);

/** Attributes that tell whose an item is; read along where only some are asked for. */
const TELLING: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  ofCustomer: ["customer_id"],
  owned: ["owner_id", "created_by_id", "is_narrowed"],
};

const withTelling = (fields: readonly string[] | undefined, kind: Kind | undefined) =>
  fields && [...new Set([...fields, ...((kind && TELLING[kind]) ?? [])])];

/** The attributes to read where these are asked for, so that it can be told whose an item is. */
export const fieldsInScope = (fields: readonly string[] | undefined, key: string) =>
  isScoped() ? withTelling(fields, KINDS.get(wordOf(key))) : fields;

const isShown = (scope: Scope, kind: Kind | undefined, key: string, item: Item): boolean => {
  switch (kind) {
    case "customer": {
      const shown = scope.showsStored(item);
      told.set(scope, (told.get(scope) ?? new Map<string, boolean>()).set(restOf(key), shown));
      return shown;
    }
    case "ofCustomer":
      return showsCustomer(scope, item.customer_id);
    case "underCustomer":
      return showsCustomer(scope, restOf(key));
    case "counters":
      return showsCustomer(scope, restOf(restOf(key)));
    case "owned":
      return isOwn(scope, item);
    case "open":
      return true;
    default:
      return false;
  }
};

/** Whether the present caller may see an item that was read by its key, whole or with `fieldsInScope`. */
export function isShownItem(key: string, item: Item): boolean {
  const scope = storage.getStore();
  return scope === undefined || isShown(scope, KINDS.get(wordOf(key)), key, item);
}

/** Items of a batch that the present caller may see: customers first, as they tell of what is theirs. */
export function shownItems(found: ReadonlyMap<string, Item>): ReadonlyMap<string, Item> {
  if (!isScoped()) return found;
  const isCustomer = ([, { pk }]: readonly [string, Item]) => wordOf(String(pk)) === "customer";
  const inOrder = [...found].sort((a, b) => Number(isCustomer(b)) - Number(isCustomer(a)));
  return new Map(inOrder.filter(([, item]) => isShownItem(String(item.pk), item)));
}

/** The series of counters of a key; undefined when it is of something else, or of one customer. */
export function countedSeries(key: string): string | undefined {
  if (wordOf(key) !== "rollup") return undefined;
  const series = restOf(key);
  return wordOf(series) === "customer" ? undefined : series;
}

/** Whether a partition is of a customer whom the present caller does not see: nothing of it is worth another page. */
export function isHiddenPartition({ index, key }: Partition): boolean {
  const scope = storage.getStore();
  if (!scope || (index !== "byCustomer" && KINDS.get(wordOf(key)) !== "underCustomer")) return false;
  return !showsCustomer(scope, restOf(key));
}

/** Which rows of a partition the present caller may see; undefined for all. @throws 403 for none that is for them */
export function rowsInScope({ index, key }: Partition): ((row: Item) => boolean) | undefined {
  const scope = storage.getStore();
  if (!scope) return undefined;
  // `customer#<id>` of this index is all that happened with one.
  if (index === "byCustomer") return () => showsCustomer(scope, restOf(key));
  const word = wordOf(key);
  const kind = KINDS.get(word);
  if (kind === undefined || kind === "customer") throw notForScope();
  return (row) => isShown(scope, kind, key, row);
}
