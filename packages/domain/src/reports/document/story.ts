import { SurveyType } from "@success-manager/contract/vocabulary";
import type { Block, Section } from "@success-manager/pdf/document";
import { dateOf, daysAfter, daysBetween } from "../../calendar.ts";
import type { CustomerRow, Directory } from "../../directory/index.ts";
import { percentOf } from "../../figures.ts";
import { scoreChange } from "../../health/index.ts";
import {
  atRiskFigures,
  averageComponent,
  averageHealthScore,
  byName,
  contractValueOf,
  hasChurned,
  healthFigures,
  type Portfolio,
  renewalsWithin,
  type ScoredRow,
  topN,
} from "../../portfolio/index.ts";
import { averageScore, countResponses } from "../../surveys/index.ts";
import { type Baseline, scoreAtEndOf } from "./baseline.ts";
import {
  CONTRACT_VALUE,
  CUSTOMER,
  lowComponents,
  lowestScoreFirst,
  mostValuableFirst,
  riskFactors,
  SCORE_AND_CHANGE,
  type TableColumn,
  tableOf,
  text,
} from "./blocks.ts";
import type { CsatData } from "./csat-data.ts";
import { countLow, newestAnswers } from "./feedback.ts";
import {
  formatAmount,
  formatDate,
  formatDay,
  formatList,
  formatName,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatSentences,
  formatShortDate,
  formatSigned,
  versusPrevious,
} from "./format.ts";
import { mapCompared, type ReportRequest } from "./query.ts";
import { type NextStep, SILENCE, stepsAt } from "./recommendations.ts";
import { npsTexts, printedCsat, printedNps } from "./satisfaction.ts";
import { bandLabel, COMPONENTS, type Component, formatRating, isLow, LOW_COMPONENT } from "./tones.ts";
import { capitalized, say } from "./words.ts";

/**
 * What a report comes to, in three sentences and up to five decisions. The report begins with it, and its mail shows
 * the same.
 */
export interface Story {
  /** What changed, why, and what is at stake: in money, where amounts are printed. */
  readonly sentences: readonly [changed: string, why: string, stake: string];
  /** What is to be decided now, the most urgent first. */
  readonly decisions: readonly Decision[];
}

/** Something to decide about a customer. */
export interface Decision extends Pick<NextStep, "action" | "by"> {
  readonly row: CustomerRow;
}

interface StoryData {
  readonly portfolio: Portfolio;
  /** What the average is compared with. */
  readonly baseline: Baseline;
  readonly request: Pick<ReportRequest, "period" | "now">;
  /** Whether amounts are printed. */
  readonly amounts: boolean;
  /** How far ahead renewals are looked at. */
  readonly renewalDays: number;
  /** Why scores of the `namedMovers` moved, by customer, as far as that is known. */
  readonly reasons?: ReadonlyMap<string, string> | undefined;
}

/** Customers who moved most are named, so many of them. */
const NAMED = 2;

/** How many customers with low scores are named. */
const MAX_NAMES = 3;

/** Within so many days somebody who gave a low score is called. */
const ANSWER_DAYS = 7;

/** How many decisions a report asks for. */
const MAX_DECISIONS = 5;

/** Clauses as a sentence. One that ends with an abbreviated month, `29. Okt.`, has its full stop already. */
function sentence(...clauses: readonly (string | undefined)[]): string {
  const first = capitalized(formatSentences(clauses.filter((one) => one !== undefined)));
  return first.endsWith(".") ? first : say("story.sentence", { first });
}

/** How a figure went, for messages that know both ways. */
const direction = (change: number) => (change < 0 ? "fell" : "rose");

/**
 * How a score, or a mean of them, has changed.
 * @param subject the messages about it
 * @param about what these say besides
 */
function healthClauses(
  subject: "average" | "score",
  now: number,
  baseline: Baseline,
  { period }: StoryData["request"],
  about: { readonly band?: string } = {},
): readonly string[] {
  const decimals = subject === "average" ? 1 : 0;
  const score = formatNumber(now, decimals);
  const plain = say(`story.${subject}_now`, { ...about, score });
  switch (baseline.kind) {
    case "snapshot": {
      const day = formatDay(baseline.day);
      const { average } = baseline.snapshot;
      if (average === null) return [plain, say("story.nobody_scored", { day })];
      const change = Math.round((now - average) * 10) / 10;
      if (change === 0) return [say(`story.${subject}_same`, { ...about, score, day })];
      const points = Math.abs(change);
      const moved = { by: formatNumber(points, decimals), points, direction: direction(change) };
      return [say(`story.${subject}_moved`, { ...about, ...moved, score, day })];
    }
    case "young":
      return [plain, say("story.no_data", { date: formatDate(baseline.since) })];
    case "means": {
      const { current, previous } = baseline;
      if (current === null || previous === null)
        return [plain, say("story.no_data", { date: formatDate(period.date_from) })];
      const change = Math.round((current - previous) * 10) / 10;
      const mean = formatNumber(current, 1);
      const by = formatNumber(Math.abs(change), 1);
      return [
        plain,
        change === 0
          ? say("story.mean_same", { mean })
          : say("story.mean_moved", { mean, by, direction: direction(change) }),
      ];
    }
    case "ahead":
      return [plain, say("story.not_begun")];
    case "unknown":
      return [plain, say("story.unknown")];
  }
}

/** Who is at risk, and how many more by score than before. */
function riskClause(rows: readonly CustomerRow[], baseline: Baseline): string {
  const { customers, below_60 } = atRiskFigures(rows);
  const [count, all] = [customers.length, rows.length];
  if (all === 1) return say("story.risk_only", { at_risk: count === 1 ? "yes" : "no" });
  const risk = count === 0 ? say("story.risk_none", { all }) : say("story.risk", { count, all });
  if (baseline.kind !== "snapshot" || baseline.snapshot.scored === 0) return risk;
  const change = below_60 - baseline.snapshot.at_risk;
  if (change === 0) return risk;
  return say("story.risk_changed", {
    ...{ risk, change: Math.abs(change), day: formatDay(baseline.day) },
    direction: change > 0 ? "more" : "fewer",
  });
}

function changedSentence({ portfolio: { rows, left }, baseline, request }: StoryData): string {
  if (rows.length === 0)
    return left.length === 0 ? say("story.no_customers") : say("story.all_left", { count: left.length });
  const average = averageHealthScore(healthFigures(rows));
  const risk = riskClause(rows, baseline);
  if (average === null) return sentence(risk, say("story.no_score"));
  return sentence(...healthClauses("average", average, baseline, request), risk);
}

/** A customer, and by how many points the score moved. */
export interface Move {
  readonly row: ScoredRow;
  readonly by: number;
}

const isMove = (move: { readonly row: CustomerRow; readonly by: number | null | undefined }): move is Move =>
  move.row.score !== undefined && typeof move.by === "number" && move.by !== 0;

/** Whose score moved: since the day before the period where that is known, else in the 30 days of the trend. */
function movesOf(rows: readonly CustomerRow[], baseline: Baseline): readonly Move[] {
  const by = ({ score }: CustomerRow) => {
    if (!score) return null;
    if (baseline.kind !== "snapshot") return scoreChange(score);
    const before = baseline.before
      ? baseline.before.get(score.customer_id)
      : scoreAtEndOf(score, baseline.day);
    return typeof before === "number" ? score.overall_score - before : null;
  };
  return rows.map((row) => ({ row, by: by(row) })).filter(isMove);
}

/** A customer, by how much the score moved and why. */
function namedMove({ row, by }: Move, reasons: string | undefined): string {
  const customer = formatName(row.customer.company_name);
  const about = { customer, by: formatSigned(by), points: Math.abs(by) };
  return reasons ? say("story.move_because", { ...about, reasons }) : say("story.move", about);
}

/** Whose components are low, in the order of their means. */
const lowestComponent = (of: (component: Component) => number) =>
  COMPONENTS.map((component) => ({ component, value: of(component) })).sort((a, b) => a.value - b.value)[0];

/** The component that is the lowest on average. */
function weakestClause(rows: readonly CustomerRow[]): string {
  const figures = healthFigures(rows);
  const weakest = lowestComponent((component) => averageComponent(figures, component) ?? 0);
  if (!weakest) return "";
  const { component, value } = weakest;
  const mean = formatNumber(value, figures.scored === 1 ? 0 : 1);
  return say("story.weakest", { component, mean, count: figures.scored });
}

/** Whose score moved, those in the main direction first, of whom some are named. */
function mainMoves(rows: readonly CustomerRow[], baseline: Baseline) {
  const moves = movesOf(rows, baseline);
  const [falls, rises] = [moves.filter(({ by }) => by < 0), moves.filter(({ by }) => by > 0)];
  const sum = moves.reduce((total, { by }) => total + by, 0);
  const fell = sum < 0 || (sum === 0 && falls.length >= rises.length);
  const [main, others] = fell ? [falls, rises] : [rises, falls];
  const most = topN(main, NAMED, (a, b) => Math.abs(b.by) - Math.abs(a.by) || byName(a.row, b.row));
  return { fell, main, others, most };
}

/** The customers whom the story of a portfolio names because their scores moved most. */
export const namedMovers = ({ rows }: Pick<Portfolio, "rows">, baseline: Baseline): readonly Move[] =>
  mainMoves(rows, baseline).most;

function whySentence({ portfolio: { rows, left }, baseline, reasons }: StoryData): string {
  if (rows.length === 0) return left.length === 0 ? say("story.figures_begin") : say("story.why_left");
  const scored = rows.filter(({ score }) => score !== undefined);
  if (scored.length === 0) return say("story.scores_come");
  const weakest = weakestClause(scored);
  const { fell, main, others, most } = mainMoves(scored, baseline);
  if (main.length === 0)
    return say(baseline.kind === "snapshot" ? "story.none_moved" : "story.none_known", { weakest });
  return say(fell ? "story.moves_fell" : "story.moves_rose", {
    ...{ count: main.length, both: others.length > 0 ? "yes" : "no", others: others.length },
    when: baseline.kind === "snapshot" ? "period" : "recent",
    named: main.length > NAMED ? "most" : "all",
    names: formatList(most.map((move) => namedMove(move, reasons?.get(move.row.customer.id)))),
    weakest,
  });
}

/** How many of some customers have no recorded contract value, beside a sum of those that do. */
function unknownValues(rows: readonly CustomerRow[]) {
  const unknown = rows.filter(({ customer }) => customer.contract_value === undefined).length;
  return { unknown, known: unknown === 0 ? "all" : "some" };
}

function stakeSentence({
  portfolio: { rows, left },
  request,
  amounts,
  renewalDays: days,
}: StoryData): string {
  if (rows.length === 0) {
    if (left.length === 0) return say("stake.none");
    return amounts && contractValueOf(left) > 0
      ? say("stake.left", { amount: formatAmount(contractValueOf(left)), ...unknownValues(left) })
      : say("stake.over");
  }
  const { customers } = atRiskFigures(rows);
  const [all, endangered] = [contractValueOf(rows), contractValueOf(customers)];
  const ending = (some: readonly CustomerRow[]) =>
    renewalsWithin(some, dateOf(request.now), days).map(({ row }) => row);
  if (customers.length === 0) {
    const due = ending(rows);
    const [count, worth] = [due.length, contractValueOf(due)];
    return sentence(
      say(amounts ? "stake.no_value" : "stake.nobody"),
      count === 0
        ? say("stake.no_contract", { days })
        : amounts && worth > 0
          ? say("stake.contracts_worth", { count, days, amount: formatAmount(worth) })
          : say("stake.contracts", { count, days }),
    );
  }
  const due = ending(customers);
  const count = customers.length;
  if (!amounts || endangered === 0)
    return sentence(
      say(amounts ? "stake.customers_no_value" : "stake.customers", { count }),
      due.length === 0
        ? say("stake.none_of_theirs", { days })
        : say("stake.of_theirs", { count: due.length, days }),
    );
  return sentence(
    say("stake.value", {
      ...{ amount: formatAmount(endangered), all: formatAmount(all), count },
      share: formatPercent(percentOf(endangered, all)),
      ...unknownValues(customers),
    }),
    due.length === 0
      ? say("stake.none_of_it", { days })
      : say("stake.of_it", { amount: formatAmount(contractValueOf(due)), days }),
  );
}

/** The first thing to do for each customer, of the most urgent kind first, then for the most valuable contract. */
export function decisionsFor(
  rows: readonly CustomerRow[],
  now: Date,
  { amounts, limit = MAX_DECISIONS }: { readonly amounts: boolean; readonly limit?: number },
): readonly Decision[] {
  const compare = amounts ? mostValuableFirst : lowestScoreFirst;
  const stepsOf = stepsAt(now);
  const first = rows.flatMap((row) => {
    const [step] = stepsOf(row);
    // Silence alone waits: it is recommended beside its figures.
    return step && step.rank < SILENCE ? [{ row, ...step }] : [];
  });
  return topN(first, limit, (a, b) => a.rank - b.rank || compare(a.row, b.row)).map(
    ({ row, action, by }) => ({
      row,
      action,
      by,
    }),
  );
}

/** The story of many customers. */
export const portfolioStory = (data: StoryData): Story => ({
  sentences: [changedSentence(data), whySentence(data), stakeSentence(data)],
  decisions: decisionsFor(data.portfolio.rows, data.request.now, data),
});

interface CustomerStoryData extends Pick<StoryData, "baseline" | "request"> {
  readonly row: CustomerRow;
  /** Why the score moved through the period: `−6 two escalations, +1 an NPS of 9`; empty where it did not. */
  readonly reasons?: string | undefined;
  /** How many alerts are open. */
  readonly open_alerts?: number | undefined;
  /** Of a customer who has left, where somebody recorded it. */
  readonly departure?: Departure | undefined;
}

/** When a customer left, and why as the team calls it; empty where nobody said. */
export interface Departure {
  readonly on: string;
  readonly reason: string;
}

function customerWhy({ row: { score }, reasons }: CustomerStoryData): string {
  if (!score) return say("story.score_comes");
  const low = lowComponents(score, "low");
  const factors = low ? say("story.below", { least: LOW_COMPONENT, components: low }) : riskFactors(score);
  return reasons ? both(say("story.reasons", { reasons }), factors) : sentence(factors);
}

/** Two sentences. */
const both = (first: string, second: string) =>
  say("story.sentences", { first: sentence(first), second: sentence(second) });

function customerStake({ row, request, open_alerts, departure }: CustomerStoryData): string {
  const { contract_value: value, contract_end_date: end } = row.customer;
  const contract =
    value === undefined ? { known: "no", amount: "" } : { known: "yes", amount: formatAmount(value) };
  if (hasChurned(row)) {
    if (!departure) return say("stake.contract_over", contract);
    const { on, reason } = departure;
    const left = { date: formatDate(on), why: reason ? "yes" : "no", reason };
    return say("stake.contract_left", { ...contract, ...left });
  }
  const alerts =
    open_alerts === undefined
      ? undefined
      : open_alerts === 0
        ? say("stake.no_alert")
        : say("stake.alerts", { count: open_alerts });
  if (end === undefined) return sentence(say("stake.contract_no_end", contract), alerts);
  const days = daysBetween(dateOf(request.now), end);
  const about = { ...contract, date: formatDate(end), days: Math.abs(days) };
  if (days < 0) return sentence(say("stake.contract_ended", about), alerts);
  return sentence(
    days === 0 ? say("stake.contract_today", contract) : say("stake.contract_ends", about),
    alerts,
  );
}

/** The story of one customer. */
export function customerStory(data: CustomerStoryData): Story {
  const { row, baseline, request } = data;
  const { score } = row;
  const changed = score
    ? sentence(
        ...healthClauses("score", score.overall_score, baseline, request, {
          band: bandLabel(score),
        }),
      )
    : say("health.not_scored_yet");
  const decisions = stepsAt(request.now)(row)
    .slice(0, MAX_DECISIONS)
    .map(({ action, by }) => ({ row, action, by }));
  return { sentences: [changed, customerWhy(data), customerStake(data)], decisions };
}

/** The kind of survey that moved the mean most in its direction. */
function mainSurvey(data: CsatData, direction: number): string | undefined {
  const kinds = SurveyType.options.flatMap((type) => {
    const of = mapCompared(data, (all) => all.filter(({ survey_type }) => survey_type === type));
    const mean = mapCompared(of, averageScore);
    if (mean.current === null || mean.previous === null) return [];
    const change = mean.current - mean.previous;
    return [
      {
        type,
        change,
        weight: change * direction * countResponses(of.current),
        answers: countResponses(of.current),
      },
    ];
  });
  const [main] = kinds.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  return (
    main &&
    say("opinion.main", {
      ...{ survey: main.type, change: formatSigned(main.change, 2), count: main.answers },
    })
  );
}

function csatChanged(
  data: CsatData,
  period: ReportRequest["period"],
): { readonly sentence: string; readonly change: number } {
  const mean = mapCompared(data, averageScore);
  const { n: count, interval } = printedCsat(data.current);
  const nps = printedNps(data.current);
  const answersToNps = countResponses(data.current) - count;
  const few = answersToNps === 0 ? undefined : say("opinion.few_nps", { count: answersToNps });
  const tail = nps === null ? few : say("opinion.nps", npsTexts(nps, data.current));
  if (mean.current === null)
    return { sentence: sentence(say("opinion.nobody", { period: formatPeriod(period) }), tail), change: 0 };
  const figure = { average: formatNumber(mean.current, 2), count, interval };
  if (data.since !== undefined || mean.previous === null) {
    const missing =
      data.since === undefined
        ? say("opinion.none_before")
        : say("story.no_data", { date: formatDate(data.since) });
    return { sentence: sentence(say("opinion.now", figure), missing, tail), change: 0 };
  }
  const change = Math.round(100 * (mean.current - mean.previous)) / 100;
  const against = versusPrevious(period);
  const moved =
    change === 0
      ? say("opinion.same", { ...figure, against })
      : say("opinion.moved", {
          ...{ ...figure, against, by: formatNumber(Math.abs(change), 2), direction: direction(change) },
        });
  return { sentence: sentence(moved, tail), change };
}

/** What answers of a period come to: of all customers, or of one. */
export async function csatStory(
  data: CsatData,
  { customers }: Pick<Directory, "customers">,
  { period, now }: Pick<ReportRequest, "period" | "now">,
): Promise<Story> {
  const { sentence: changed, change } = csatChanged(data, period);
  const total = countResponses(data.current);
  const low = countLow(data);
  const found = low === 0 ? [] : (await newestAnswers(data)).rows.filter(isLow);
  const byCustomer = Map.groupBy(found, ({ customer_id }) => customer_id);
  const unhappy = [...byCustomer].flatMap(([id, answers]) => {
    const row = customers.get(id);
    return row && !hasChurned(row) ? [{ row, answer: answers[0] }] : [];
  });
  const rows = unhappy.map(({ row }) => row);
  const main = change === 0 ? undefined : mainSurvey(data, change);
  const names = formatList(
    rows.toSorted(mostValuableFirst).map(({ customer }) => formatName(customer.company_name)),
    MAX_NAMES,
  );
  const lows =
    low === 0
      ? say(total === 0 ? "opinion.nothing" : "opinion.none_low")
      : names === ""
        ? say("opinion.low", { low, count: total })
        : say("opinion.low_from", { low, count: total, names });
  const worth = contractValueOf(rows);
  const behind = {
    ...{ count: rows.length, found: found.length },
    which: found.length < low ? "newest" : low === 1 ? "one" : "all",
  };
  const stake =
    rows.length === 0
      ? say("opinion.no_contract")
      : worth === 0
        ? say("opinion.no_value", behind)
        : say("opinion.value", { ...behind, amount: formatAmount(worth), ...unknownValues(rows) });
  const by = daysAfter(dateOf(now), ANSWER_DAYS);
  const decisions = topN(unhappy, MAX_DECISIONS, (a, b) => mostValuableFirst(a.row, b.row)).flatMap(
    ({ row, answer }) =>
      answer
        ? [
            {
              row,
              by,
              action: say("opinion.call", {
                person: formatName(answer.submitted_by_name),
                rating: formatRating(answer),
                day: formatDay(answer.submitted_at),
              }),
            },
          ]
        : [],
  );
  const why = main ? say("story.sentences", { first: main, second: lows }) : lows;
  return { sentences: [changed, why, stake], decisions };
}

const BY: TableColumn<Decision> = {
  heading: () => say("column.by_date"),
  cell: ({ by }) => formatShortDate(by),
  data: ({ by }) => by,
};
const ACTION: TableColumn<Decision> = {
  heading: () => say("column.to_do"),
  width: 3,
  cell: ({ action }) => action,
};

const ofRow = ({ cell, data, ...column }: TableColumn<CustomerRow>): TableColumn<Decision> => ({
  ...column,
  cell: ({ row }) => cell(row),
  ...(data && { data: ({ row }: Decision) => data(row) }),
});

/** What a report begins with: what it comes to, and what to decide. @param one whether it is about one customer */
export function storySection(
  { sentences, decisions }: Story,
  {
    amounts,
    one = false,
    keepsRows,
  }: { readonly amounts: boolean; readonly one?: boolean } & Pick<ReportRequest, "keepsRows">,
): Section {
  const columns = [
    ...(one ? [] : [ofRow(CUSTOMER), ...(amounts ? [ofRow(CONTRACT_VALUE)] : []), ofRow(SCORE_AND_CHANGE)]),
    BY,
    ACTION,
  ];
  const table: Block =
    decisions.length === 0
      ? text(say(one ? "decide.none_one" : "decide.none"))
      : tableOf(decisions, columns, { title: say("decide.title"), keepsRows });
  return { heading: say("heading.in_short"), blocks: [...sentences.map(text), table] };
}
