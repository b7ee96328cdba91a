/** The history of a company as CSV files: what they hold, how they are read, and what of them a replay takes. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SECTIONS } from "@success-manager/contract/setting-sections";
import { validateScore } from "@success-manager/contract/surveys";
import { uniqueForm } from "@success-manager/contract/text";
import { amount, date, flag, line, text } from "@success-manager/contract/values";
import {
  Environment,
  InteractionType,
  OutcomeKind,
  Product,
  Sentiment,
  SurveyType,
  UNSPECIFIED,
} from "@success-manager/contract/vocabulary";
import { daysAfter } from "@success-manager/domain/calendar";
import { CsvError, type Info, parse } from "csv-parse/sync";
import * as z from "zod";

/** How `05-06-2024` is read: refused, day first, or month first. */
export type DateOrder = "iso" | "dmy" | "mdy";

/** What is wrong with a file. `line` counts from 1, the heading's. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: string | null;
  readonly message: string;
}

/** A history that can't be replayed; `faults` are all that were found. */
export class FaultyHistory extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    const most = 50;
    const lines = faults
      .slice(0, most)
      .map(
        ({ file, line, column, message }) => `${file} line ${line}${column ? `, ${column}` : ""}: ${message}`,
      );
    const more = faults.length > most ? [`and ${faults.length - most} more`] : [];
    super([...lines, ...more].join("\n"));
    this.faults = faults;
  }
}

const key = line(200).meta({ description: "Anything that names the customer in all files" });
const day = date;
/** Schemas of days: another description makes another schema. */
const DAYS = new WeakSet<z.core.$ZodType>([day]);
function dayThat(description: string): typeof day {
  const schema = day.meta({ description });
  DAYS.add(schema);
  return schema;
}
const scoreText = z
  .string()
  .regex(/^-?\d{1,3}$/, "must be a whole number")
  .transform(Number);

/** The files, their columns, and what each may hold. An empty cell is an absent one. */
const FILES = {
  customers: z.object({
    customer: key,
    company_name: line(255).optional().meta({ description: "Unique; without it, `customer`" }),
    industry: line(100).optional(),
    account_manager: line(255).optional().meta({ description: "Name; a user is made for each" }),
    contract_start_date: dayThat("First day as a customer"),
    contract_end_date: day.optional().meta({
      description: "Of the first contract: later ones come with a `renewed` outcome",
    }),
    contract_value: amount.optional(),
  }),
  deployments: z.object({
    customer: key,
    product_name: Product,
    deployment_date: day,
    license_expiry: day.optional().meta({
      description: "Without it, the license ends with the contract, also when that is renewed",
    }),
    ended_on: day.optional().meta({ description: "The first day without it" }),
    version: line(50).default("1"),
    environment: Environment.default("cloud"),
    license_type: line(100).default("standard"),
  }),
  interactions: z.object({
    customer: key,
    date: day,
    interaction_type: InteractionType,
    sentiment: Sentiment.optional().meta({ description: "Without it, read from the words" }),
    subject: line(500).optional(),
    description: text(10_000).optional(),
    resolved_on: day.optional().meta({
      description: "Of an escalation: when its alert was closed; without it, after `--handled-after` days",
    }),
  }),
  survey_answers: z.object({
    customer: key,
    date: day,
    survey_type: SurveyType,
    score: scoreText.meta({ description: "On the survey's scale" }),
    feedback_text: text(5_000).optional(),
  }),
  outcomes: z.object({
    customer: key,
    kind: OutcomeKind,
    effective_on: dayThat("The first day on which it holds"),
    notice_on: day.optional().meta({ description: "When the customer gave notice" }),
    amount_before: amount.optional(),
    amount_after: amount.optional(),
    reason: line(255).optional().meta({
      description: "An id of `/settings/outcomes`; other words are kept as the note",
    }),
    voluntary: flag.optional(),
    competitor: line(255).optional(),
    contract_end_date: day.optional().meta({ description: "Of the contract that it begins" }),
  }),
} as const;

export type FileName = keyof typeof FILES;
const FILE_NAMES = Object.keys(FILES) as FileName[];
const csvOf = (name: FileName) => `${name}.csv`;

/** Where a row comes from, for what is said about it. */
export interface Source {
  readonly file: string;
  readonly line: number;
}
type Row<F extends FileName> = z.output<(typeof FILES)[F]> & Source;
export type CustomerRow = Row<"customers"> & { readonly company_name: string };
export type DeploymentRow = Row<"deployments">;
export type InteractionRow = Row<"interactions">;
export type AnswerRow = Row<"survey_answers">;
export type OutcomeRow = Row<"outcomes"> & { readonly note: string | undefined };

/** All of a customer, each list by day and then as in its file. */
export interface CustomerHistory extends CustomerRow {
  readonly deployments: readonly DeploymentRow[];
  readonly interactions: readonly InteractionRow[];
  readonly answers: readonly AnswerRow[];
  readonly outcomes: readonly OutcomeRow[];
}

export interface History {
  /** By `customer`. */
  readonly customers: readonly CustomerHistory[];
  /** How many rows each file has; absent where there is no file. */
  readonly rows: Readonly<Partial<Record<FileName, number>>>;
  /** Columns that nothing is known of, by file. */
  readonly unread: readonly { readonly file: string; readonly columns: readonly string[] }[];
  /** Reasons of outcomes that are none of the tree, by how often they come. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** The format for `--help`: a line for each column. */
export function describeFormat(): string {
  return FILE_NAMES.map((name) => {
    const columns = Object.entries<z.ZodType>(FILES[name].shape).map(([column, schema]) => {
      const needed = schema.safeParse(undefined).success ? "" : " *";
      const { description = "" } = schema.meta() ?? {};
      const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
      const values = inner instanceof z.ZodEnum ? inner.options.join(", ") : "";
      return `    ${`${column}${needed}`.padEnd(22)}${description || values}`.trimEnd();
    });
    return [`  ${csvOf(name)}${name === "customers" ? " *" : ""}`, ...columns].join("\n");
  }).join("\n");
}

/** A row of a file, with the line that it begins on. */
interface Cells {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What the parser answers with `info`; its types leave that out. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: Info;
}

/** What a person reads of an error of the parser. */
const CSV_FAULTS: Readonly<Partial<Record<string, string>>> = {
  INVALID_OPENING_QUOTE: 'a quotation mark stands within a field: quote the field and double the mark ("")',
  CSV_INVALID_CLOSING_QUOTE: "text follows the quotation mark of a field",
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: "text follows the quotation mark of a field",
  CSV_QUOTE_NOT_CLOSED: "a quotation mark is never closed",
};

const breaksIn = (text: string) => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/**
 * Reads CSV: quoted fields with doubled quotes, separators and line breaks; CRLF, LF or CR; a byte order mark or none;
 * semicolons where the heading has them alone. Rows without any text are left out.
 *
 * @throws FaultyHistory for a quote that does not belong where it stands, and one that nobody closes
 */
export function parseCsv(file: string, content: string): Cells[] {
  const [heading = ""] = content.split(/[\r\n]/, 1);
  try {
    const records = parse(content, {
      ...{
        bom: true,
        info: true,
        trim: true,
        relax_column_count: true,
        skip_records_with_empty_values: true,
      },
      delimiter: heading.includes(";") && !heading.includes(",") ? ";" : ",",
      record_delimiter: ["\r\n", "\n", "\r"],
    }) as unknown as readonly Parsed[];
    return records.map(({ record, info }) => ({
      // The parser says where a record ends.
      line: info.lines - record.reduce((sum, cell) => sum + breaksIn(cell), 0),
      cells: record.map((cell) => cell.trim()),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const message = CSV_FAULTS[error.code] ?? error.message;
    throw new FaultyHistory([{ file, line: Number(error.lines), column: null, message }]);
  }
}

const PARTS = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/;

/**
 * A day as `YYYY-MM-DD`. `31-01-2024` can be read one way only; `05-06-2024` only where the order is given.
 *
 * @returns what a person reads instead of it, where it can't be read
 */
export function readDay(
  written: string,
  order: DateOrder,
): { readonly day: string } | { readonly problem: string } {
  const found = PARTS.exec(written);
  if (!found) return { day: written };
  const [first = 0, second = 0] = found.slice(1, 3).map(Number);
  const year = found[3] ?? "";
  const iso = (month: number, of: number) => ({
    day: `${year}-${String(month).padStart(2, "0")}-${String(of).padStart(2, "0")}`,
  });
  if (order === "dmy" || (order === "iso" && (first > 12 || first === second))) return iso(second, first);
  if (order === "mdy" || (order === "iso" && second > 12)) return iso(first, second);
  return {
    problem: `${written} can be two days: write it like 2024-01-31, or add --dates dmy or --dates mdy`,
  };
}

/** The columns of a file that hold days. */
const dayColumns = (name: FileName) =>
  new Set(
    Object.entries<z.ZodType>(FILES[name].shape)
      .filter(([, schema]) => DAYS.has(schema instanceof z.ZodOptional ? schema.unwrap() : schema))
      .map(([column]) => column),
  );

interface Read<F extends FileName> {
  readonly rows: readonly Row<F>[];
  readonly unread: readonly string[];
  readonly isThere: boolean;
}

function readFile<F extends FileName>(folder: string, name: F, order: DateOrder, faults: Fault[]): Read<F> {
  const file = csvOf(name);
  const path = join(folder, file);
  const nothing: Read<F> = { rows: [], unread: [], isThere: false };
  const fault = (line: number, message: string, column: string | null = null) =>
    void faults.push({ file, line, column, message });
  if (!existsSync(path)) {
    if (name === "customers") fault(1, `is missing in ${folder}`);
    return nothing;
  }
  let all: Cells[];
  try {
    all = parseCsv(file, new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    if (error instanceof FaultyHistory) faults.push(...error.faults);
    else fault(1, error instanceof TypeError ? "is no UTF-8" : String(error));
    return nothing;
  }
  const [heading, ...rows] = all;
  const names = heading?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const schema = FILES[name] as unknown as z.ZodObject<Readonly<Record<string, z.ZodType>>>;
  const missing = Object.entries(schema.shape)
    .filter(([column, one]) => !names.includes(column) && !one.safeParse(undefined).success)
    .map(([column]) => column);
  for (const column of missing) fault(heading?.line ?? 1, "this column is missing", column);
  const known = new Set(Object.keys(schema.shape));
  const twice = names.find((one, n) => known.has(one) && names.indexOf(one) !== n);
  if (twice) fault(heading?.line ?? 1, "this column comes twice", twice);
  if (missing.length > 0 || twice) return { ...nothing, isThere: true };
  const days = dayColumns(name);
  const read = rows.flatMap(({ line, cells }): Row<F>[] => {
    if (cells.length !== names.length) {
      fault(line, `has ${cells.length} fields, the heading ${names.length}`);
      return [];
    }
    let isSound = true;
    const values: Record<string, string | undefined> = {};
    for (const [n, column] of names.entries()) {
      const cell = cells[n] || undefined;
      if (!known.has(column)) continue;
      const found = cell !== undefined && days.has(column) ? readDay(cell, order) : { day: cell };
      if ("day" in found) values[column] = found.day;
      else {
        fault(line, found.problem, column);
        isSound = false;
      }
    }
    const parsed = schema.safeParse(values);
    for (const { path, message } of parsed.error?.issues ?? []) {
      const column = String(path[0]);
      if (isSound || values[column] !== undefined)
        fault(line, values[column] === undefined ? "is required" : message, column);
    }
    return parsed.success && isSound ? [{ ...(parsed.data as z.output<(typeof FILES)[F]>), file, line }] : [];
  });
  return { rows: read, unread: names.filter((one) => one !== "" && !known.has(one)), isThere: true };
}

const REASONS = new Set(
  SECTIONS.outcomes.defaults.reasons.flatMap(({ id, children }) => [id, ...children.map((one) => one.id)]),
);

const byDay =
  <T extends Source>(of: (row: T) => string) =>
  (a: T, b: T) =>
    of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : a.line - b.line;

/** Rows by customer; a row of nobody is a fault. */
function grouped<T extends Source & { readonly customer: string }>(
  rows: readonly T[],
  customers: ReadonlyMap<string, unknown>,
  faults: Fault[],
  of: (row: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const { file, line, customer } = row;
    if (!customers.has(customer))
      faults.push({ file, line, column: "customer", message: `${customer} is not in customers.csv` });
    const group = found.get(customer) ?? [];
    found.set(customer, group);
    group.push(row);
  }
  for (const group of found.values()) group.sort(byDay(of));
  return found;
}

/** What the API refuses of an outcome's amounts. */
function amountFaults({ kind, amount_before: before, amount_after: after, file, line }: OutcomeRow): Fault[] {
  const fault = (column: string, message: string): Fault[] => [{ file, line, column, message }];
  if (kind === "churned" && (after ?? 0) !== 0) return fault("amount_after", "must be 0 for who has left");
  if (kind === "reactivated" && (before ?? 0) !== 0)
    return fault("amount_before", "must be 0 for who comes back");
  if (kind !== "contracted" && kind !== "expanded") return [];
  if (before === undefined) return fault("amount_before", "is required");
  if (after === undefined) return fault("amount_after", "is required");
  if (kind === "contracted" ? after < before : after > before) return [];
  return fault("amount_after", `must be ${kind === "contracted" ? "below" : "above"} amount_before`);
}

/** What of a customer's rows contradicts each other. */
function contradictions(customer: CustomerHistory): Fault[] {
  const faults: Fault[] = [];
  const fault = ({ file, line }: Source, column: string, message: string) =>
    faults.push({ file, line, column, message });
  const { contract_start_date: start, contract_end_date: end } = customer;
  if (end !== undefined && end < start)
    fault(customer, "contract_end_date", "must not be before contract_start_date");
  for (const one of customer.deployments) {
    const { deployment_date, license_expiry = end, ended_on } = one;
    if (license_expiry === undefined)
      fault(one, "license_expiry", "is required where the customer has no contract_end_date");
    else if (license_expiry < deployment_date)
      fault(one, "license_expiry", "must not be before deployment_date");
    if (ended_on !== undefined && ended_on < deployment_date)
      fault(one, "ended_on", "must not be before deployment_date");
  }
  for (const one of customer.interactions)
    if (one.resolved_on !== undefined && one.resolved_on < one.date)
      fault(one, "resolved_on", "must not be before date");
  for (const one of customer.answers) {
    const problem = validateScore(one.survey_type, one.score);
    if (problem) fault(one, "score", problem);
  }
  let isGone = false;
  let last = start;
  for (const one of customer.outcomes) {
    if (one.effective_on < start)
      fault(one, "effective_on", "must not be before the customer's contract_start_date");
    if (one.notice_on !== undefined && one.notice_on > one.effective_on)
      fault(one, "notice_on", "must not be after effective_on");
    if (one.kind === "reactivated" && !isGone) fault(one, "kind", "nobody comes back who has not left");
    else if (one.kind !== "reactivated" && isGone)
      fault(one, "kind", "the customer has left and not come back");
    else if (isGone && one.effective_on === last)
      fault(one, "effective_on", "nobody comes back on the day on which they leave");
    if (one.kind === "churned" && one.effective_on === start)
      fault(one, "effective_on", "nobody leaves on their first day");
    if (one.contract_end_date !== undefined && one.contract_end_date < one.effective_on)
      fault(one, "contract_end_date", "must not be before effective_on");
    faults.push(...amountFaults(one));
    if (one.kind === "churned") isGone = true;
    if (one.kind === "reactivated") isGone = false;
    last = one.effective_on;
  }
  return faults;
}

/**
 * Reads the files of a folder.
 *
 * @throws FaultyHistory with everything that is wrong in any of them
 */
export function readHistory(folder: string, order: DateOrder = "iso"): History {
  const faults: Fault[] = [];
  const read = <F extends FileName>(name: F) => readFile(folder, name, order, faults);
  const files = {
    customers: read("customers"),
    deployments: read("deployments"),
    interactions: read("interactions"),
    survey_answers: read("survey_answers"),
    outcomes: read("outcomes"),
  };
  const customers = new Map<string, CustomerRow>();
  const names = new Map<string, number>();
  for (const row of files.customers.rows) {
    const { file, line, customer, company_name = customer } = row;
    const before = customers.get(customer);
    if (before) faults.push({ file, line, column: "customer", message: `is in line ${before.line}, too` });
    const sameName = names.get(uniqueForm(company_name));
    if (!before && sameName !== undefined)
      faults.push({ file, line, column: "company_name", message: `is that of line ${sameName}, too` });
    names.set(uniqueForm(company_name), line);
    customers.set(customer, { ...row, company_name });
  }
  const reasons = new Map<string, number>();
  const outcomes = files.outcomes.rows.map((row): OutcomeRow => {
    const { reason = UNSPECIFIED } = row;
    if (REASONS.has(reason)) return { ...row, note: undefined };
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return { ...row, reason: UNSPECIFIED, note: reason };
  });
  const deployments = grouped(files.deployments.rows, customers, faults, (row) => row.deployment_date);
  const interactions = grouped(files.interactions.rows, customers, faults, (row) => row.date);
  const answers = grouped(files.survey_answers.rows, customers, faults, (row) => row.date);
  const became = grouped(outcomes, customers, faults, (row) => row.effective_on);
  const all = [...customers.values()]
    .map(
      (row): CustomerHistory => ({
        ...row,
        deployments: deployments.get(row.customer) ?? [],
        interactions: interactions.get(row.customer) ?? [],
        answers: answers.get(row.customer) ?? [],
        outcomes: became.get(row.customer) ?? [],
      }),
    )
    .sort((a, b) => (a.customer < b.customer ? -1 : 1));
  faults.push(...all.flatMap(contradictions));
  if (faults.length > 0)
    throw new FaultyHistory(
      faults.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    );
  return {
    customers: all,
    rows: Object.fromEntries(
      FILE_NAMES.filter((name) => files[name].isThere).map((name) => [name, files[name].rows.length]),
    ),
    unread: FILE_NAMES.filter((name) => files[name].unread.length > 0).map((name) => ({
      file: csvOf(name),
      columns: files[name].unread,
    })),
    reasons,
  };
}

/** A time during which somebody is a customer; `end` is the first day on which they are none. */
export interface Spell {
  readonly start: string;
  readonly end: string | undefined;
  readonly departure: OutcomeRow | undefined;
}

/** The spells of a customer, oldest first. */
export function spellsOf({
  contract_start_date,
  outcomes,
}: Pick<CustomerHistory, "contract_start_date" | "outcomes">): Spell[] {
  const spells: Spell[] = [];
  let start: string | undefined = contract_start_date;
  for (const one of outcomes) {
    if (one.kind === "churned" && start !== undefined) {
      spells.push({ start, end: one.effective_on, departure: one });
      start = undefined;
    } else if (one.kind === "reactivated") start = one.effective_on;
  }
  if (start !== undefined) spells.push({ start, end: undefined, departure: undefined });
  return spells;
}

/** So many days before the first one are filled in: what scores look at. */
export const WARM_UP_DAYS = 90;

/** Something that is done on a day, in the order in which it is done. */
export type Step =
  | { readonly kind: "begin"; readonly spell: Spell }
  | { readonly kind: "deploy"; readonly row: DeploymentRow }
  | { readonly kind: "interaction"; readonly row: InteractionRow }
  | { readonly kind: "answer"; readonly row: AnswerRow }
  | { readonly kind: "undeploy"; readonly row: DeploymentRow }
  | { readonly kind: "outcome"; readonly row: OutcomeRow };

const ORDER: readonly Step["kind"][] = ["begin", "deploy", "interaction", "answer", "undeploy", "outcome"];

export interface Plan {
  readonly from: string;
  readonly to: string;
  /** The first day on which something is filled in. */
  readonly begin: string;
  /** By day and then by customer; each customer's steps in their order. */
  readonly days: ReadonlyMap<string, ReadonlyMap<CustomerHistory, readonly Step[]>>;
  /** Whom it is about. */
  readonly customers: readonly CustomerHistory[];
  /** Rows that are not taken, by why. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** What of a history happens in a replay, and when. */
export function planOf({ customers }: History, from: string, to: string): Plan {
  const begin = daysAfter(from, -WARM_UP_DAYS);
  const days = new Map<string, Map<CustomerHistory, Step[]>>();
  const leftOut = new Map<string, number>();
  const leave = (why: string) => leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  const taken: CustomerHistory[] = [];
  for (const customer of customers) {
    const spells = spellsOf(customer).filter(
      ({ start, end }) => start <= to && (end === undefined || end > from),
    );
    const [first] = spells;
    if (!first) {
      leave("customers who left before the first day or came after the last");
      continue;
    }
    taken.push(customer);
    const add = (on: string, step: Step) => {
      const day = days.get(on) ?? new Map<CustomerHistory, Step[]>();
      days.set(on, day);
      const steps = day.get(customer) ?? [];
      day.set(customer, steps);
      steps.push(step);
    };
    const entry = first.start < begin ? begin : first.start;
    add(entry, { kind: "begin", spell: first });
    /** Whether somebody is a customer on a day, in a spell that is replayed. */
    const isThere = (on: string) =>
      spells.some(({ start, end }) => on >= start && (end === undefined || on <= end));
    const at = (what: string, on: string, step: Step) => {
      if (on > to) leave(`${what} after the last day`);
      else if (on < entry) leave(`${what} before the first day, or of an earlier time as a customer`);
      else if (!isThere(on)) leave(`${what} of who was no customer`);
      else add(on, step);
    };
    for (const row of customer.deployments) {
      if (row.ended_on !== undefined && row.ended_on <= entry) leave("deployments before the first day");
      else if (row.deployment_date > to) leave("deployments after the last day");
      else if (!isThere(row.deployment_date < entry ? entry : row.deployment_date))
        leave("deployments of who was no customer");
      else {
        add(row.deployment_date < entry ? entry : row.deployment_date, { kind: "deploy", row });
        if (row.ended_on !== undefined && row.ended_on <= to) add(row.ended_on, { kind: "undeploy", row });
      }
    }
    for (const row of customer.interactions) at("interactions", row.date, { kind: "interaction", row });
    for (const row of customer.answers) at("survey answers", row.date, { kind: "answer", row });
    for (const row of customer.outcomes)
      if (row.effective_on <= entry) {
        // Coming back is how such a customer begins.
        if (row.effective_on < first.start || row.kind !== "reactivated")
          leave("outcomes before the first day");
      } else at("outcomes", row.effective_on, { kind: "outcome", row });
  }
  for (const day of days.values())
    for (const steps of day.values()) steps.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return { from, to, begin, days, customers: taken, leftOut };
}
