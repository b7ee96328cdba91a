import { SurveyType } from "@success-manager/contract/vocabulary";
import type { Block, Section } from "@success-manager/pdf/document";
import { dateOf, daysAfter, daysBetween } from "../../calendar.ts";
import type { CustomerRow, Directory } from "../../directory/index.ts";
import { percentOf } from "../../figures.ts";
import { scoreChange } from "../../health/index.ts";
import { isolate } from "../../mail/index.ts";
import {
  AT_RISK_BELOW,
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
import { averageScore, countResponses, isNps } from "../../surveys/index.ts";
import { type Baseline, scoreAtEndOf } from "./baseline.ts";
import {
  CONTRACT_VALUE,
  CUSTOMER,
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
  formatCount,
  formatDate,
  formatDay,
  formatList,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatShortDate,
  formatSigned,
  formatSurveyType,
  noDataBefore,
  versusPrevious,
} from "./format.ts";
import { mapCompared, type ReportRequest } from "./query.ts";
import { type NextStep, SILENCE, stepsAt } from "./recommendations.ts";
import { printedNps } from "./satisfaction.ts";
import { bandLabel, COMPONENTS, formatRating, isLow } from "./tones.ts";

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
}

/** Customers who moved most are named, so many of them. */
const NAMED = 2;

/** How many customers with low scores are named. */
const MAX_NAMES = 3;

/** Within so many days somebody who gave a low score is called. */
const ANSWER_DAYS = 7;

/** How many decisions a report asks for. */
const MAX_DECISIONS = 5;

const capitalized = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
const is = (count: number) => (count === 1 ? "is" : "are");

/** `rose 2.3 points to 73.3 since 29 Oct` */
function moved(from: number, to: number, since: string, decimals: 0 | 1): string {
  const change = Math.round((to - from) * 10) / 10;
  if (change === 0) return `is unchanged at ${formatNumber(to, decimals)} since ${since}`;
  const by = formatNumber(Math.abs(change), decimals);
  const points = by === "1" || by === "1.0" ? "point" : "points";
  return `${change < 0 ? "fell" : "rose"} ${by} ${points} to ${formatNumber(to, decimals)} since ${since}`;
}

/** How a score, or a mean of them, has changed. */
function healthClause(
  subject: string,
  now: number,
  baseline: Baseline,
  { period }: StoryData["request"],
  decimals: 0 | 1,
) {
  const plain = `${subject} is ${formatNumber(now, decimals)}`;
  switch (baseline.kind) {
    case "snapshot":
      return baseline.snapshot.average === null
        ? `${plain}; nobody was scored by ${formatDay(baseline.day)}`
        : `${subject} ${moved(baseline.snapshot.average, now, formatDay(baseline.day), decimals)}`;
    case "young":
      return `${plain}; there are ${noDataBefore(baseline.since)}`;
    case "means": {
      const { current, previous } = baseline;
      if (current === null || previous === null)
        return `${plain}; there are ${noDataBefore(period.date_from)}`;
      const change = Math.round((current - previous) * 10) / 10;
      const than =
        change === 0
          ? "as high as in the period before"
          : `${formatNumber(Math.abs(change), 1)} ${change < 0 ? "lower" : "higher"} than in the period before`;
      return `${plain}; the mean score of the period is ${formatNumber(current, 1)}, ${than}`;
    }
    case "ahead":
      return `${plain}; the period has not begun yet`;
    case "unknown":
      return `${plain}; earlier scores are not known for these filters`;
  }
}

/** Who is at risk, and how many more by score than before. */
function riskClause(rows: readonly CustomerRow[], baseline: Baseline): string {
  const { customers, below_60 } = atRiskFigures(rows);
  const count = customers.length;
  if (rows.length === 1) return `the only customer is ${count === 1 ? "" : "not "}at risk`;
  const who =
    count === 0
      ? `none of ${formatCount(rows.length, "customer")} is at risk`
      : `${formatNumber(count)} of ${formatCount(rows.length, "customer")} ${is(count)} at risk`;
  if (baseline.kind !== "snapshot" || baseline.snapshot.scored === 0) return who;
  const change = below_60 - baseline.snapshot.at_risk;
  if (change === 0) return who;
  const more = `${formatNumber(Math.abs(change))} ${change > 0 ? "more" : "fewer"}`;
  return `${who}, ${more} below 60 than on ${formatDay(baseline.day)}`;
}

function changedSentence({ portfolio: { rows, left }, baseline, request }: StoryData): string {
  if (rows.length === 0)
    return left.length === 0
      ? "There are no customers yet."
      : `${left.length === 1 ? "The only customer has" : `All ${formatCount(left.length, "customer")} have`} left: there is nobody to report on.`;
  const average = averageHealthScore(healthFigures(rows));
  const risk = riskClause(rows, baseline);
  if (average === null) return `${capitalized(risk)}; no health score has been calculated yet.`;
  return `${healthClause("Average health", average, baseline, request, 1)}; ${risk}.`;
}

interface Move {
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

const namedMove = ({ row, by }: Move, reason: string) =>
  `${isolate(row.customer.company_name)} (${formatSigned(by)}${reason})`;

/** The component that is the lowest on average. */
function weakestClause(rows: readonly CustomerRow[]): string {
  const figures = healthFigures(rows);
  const [weakest] = COMPONENTS.map(([label, component]) => ({
    label,
    mean: averageComponent(figures, component) ?? 0,
  })).sort((a, b) => a.mean - b.mean);
  if (!weakest) return "";
  const mean = formatNumber(weakest.mean, figures.scored === 1 ? 0 : 1);
  const average = figures.scored === 1 ? "at" : "on average at";
  return `the weakest component is ${weakest.label.toLowerCase()}, ${average} ${mean}`;
}

/** The lowest components of who fell and is at risk, behind the change: `: engagement 5, support 27`. */
const causes = ({ row, by }: Move) =>
  by < 0 && row.score.overall_score < AT_RISK_BELOW ? `: ${riskFactors(row.score, 2).toLowerCase()}` : "";

function whySentence({ portfolio: { rows, left }, baseline }: StoryData): string {
  if (rows.length === 0)
    return left.length === 0
      ? "Figures begin with the first customer."
      : "Why somebody left is not recorded; their history stays readable.";
  const scored = rows.filter(({ score }) => score !== undefined);
  if (scored.length === 0) return "Scores come with the next daily run, or when somebody calculates them.";
  const weakest = weakestClause(scored);
  const moves = movesOf(scored, baseline);
  const [falls, rises] = [moves.filter(({ by }) => by < 0), moves.filter(({ by }) => by > 0)];
  if (moves.length === 0) {
    const known = baseline.kind === "snapshot" ? "No score moved" : "No score is known to have moved";
    return `${known}; ${weakest}.`;
  }
  const sum = moves.reduce((total, { by }) => total + by, 0);
  const sign = sum < 0 || (sum === 0 && falls.length >= rises.length) ? -1 : 1;
  const [main, others] = sign < 0 ? [falls, rises] : [rises, falls];
  const most = topN(main, NAMED, (a, b) => sign * (b.by - a.by) || byName(a.row, b.row));
  const [verb, other] = sign < 0 ? ["fell", "rose"] : ["rose", "fell"];
  const counts = [
    `${formatCount(main.length, "score")} ${verb}`,
    others.length > 0 ? `and ${formatNumber(others.length)} ${other}` : "",
  ]
    .filter(Boolean)
    .join(" ");
  const when = baseline.kind === "snapshot" ? "" : " within 30 days";
  const names = formatList(most.map((move) => namedMove(move, causes(move))));
  const those = main.length > NAMED ? `, most of all ${names}` : `: ${names}`;
  return `${counts}${when}${those}; ${weakest}.`;
}

/** How many of some customers have no recorded contract value, behind a sum of those that do. */
function unknownValues(rows: readonly CustomerRow[]): string {
  const unknown = rows.filter(({ customer }) => customer.contract_value === undefined).length;
  return unknown === 0 ? "" : ` (${formatNumber(unknown)} of them without a recorded value)`;
}

function stakeSentence({ portfolio: { rows, left }, request, amounts, renewalDays }: StoryData): string {
  if (rows.length === 0) {
    if (left.length === 0) return "Nothing is at stake yet.";
    return amounts && contractValueOf(left) > 0
      ? `Their contracts were worth ${formatAmount(contractValueOf(left))}${unknownValues(left)}.`
      : "No contract runs any more.";
  }
  const { customers } = atRiskFigures(rows);
  const [all, endangered] = [contractValueOf(rows), contractValueOf(customers)];
  const ending = (some: readonly CustomerRow[]) =>
    renewalsWithin(some, dateOf(request.now), renewalDays).map(({ row }) => row);
  const within = `within ${formatCount(renewalDays, "day")}`;
  if (customers.length === 0) {
    const due = ending(rows);
    const worth = amounts && contractValueOf(due) > 0 ? `, worth ${formatAmount(contractValueOf(due))},` : "";
    const renewals =
      due.length === 0
        ? `no contract ends ${within}`
        : `${formatCount(due.length, "contract")}${worth} ${due.length === 1 ? "ends" : "end"} ${within}`;
    return `${amounts ? "No contract value is at risk" : "Nobody is at risk"}; ${renewals}.`;
  }
  const due = ending(customers);
  if (!amounts || endangered === 0) {
    const who = `${formatCount(customers.length, "customer")} ${is(customers.length)} at risk${amounts ? ", of whom no contract value is recorded" : ""}`;
    return `${who}; ${due.length === 0 ? "none" : formatNumber(due.length)} of their contracts ${due.length === 1 ? "ends" : "end"} ${within}.`;
  }
  const share = `${formatAmount(endangered)} of ${formatAmount(all)} contract value (${formatPercent(percentOf(endangered, all))}) is at risk`;
  const whose = `with ${formatCount(customers.length, "customer")}${unknownValues(customers)}`;
  const soon =
    due.length === 0
      ? `none of it is up for renewal ${within}`
      : `${formatAmount(contractValueOf(due))} of it is up for renewal ${within}`;
  return `${share}, ${whose}; ${soon}.`;
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

/** How components of a score moved, the largest first; none where nothing is compared. */
export type ComponentMoves = readonly {
  readonly label: string;
  readonly from: number;
  readonly to: number;
}[];

interface CustomerStoryData extends Pick<StoryData, "baseline" | "request"> {
  readonly row: CustomerRow;
  /** Through the period, as far as scores were read. */
  readonly components?: ComponentMoves | undefined;
  /** How many alerts are open. */
  readonly open_alerts?: number | undefined;
}

function customerWhy({ row: { score }, components }: CustomerStoryData): string {
  if (!score) return "Scores come with the next daily run, or when somebody calculates one.";
  const moves = (components ?? [])
    .filter(({ from, to }) => from !== to)
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
  const low = riskFactors(score);
  const factors = low.startsWith("No component") ? low : `Below 50: ${low.toLowerCase()}`;
  if (moves.length === 0) return components ? `No component moved. ${factors}.` : `${factors}.`;
  const told = moves.map(
    ({ label, from, to }) => `${label.toLowerCase()} ${to < from ? "fell" : "rose"} from ${from} to ${to}`,
  );
  return `${capitalized(formatList(told))}. ${factors}.`;
}

function customerStake({ row, request, open_alerts }: CustomerStoryData): string {
  const { contract_value: value, contract_end_date: end } = row.customer;
  const contract =
    value === undefined
      ? "The contract, whose value is not recorded,"
      : `The contract, worth ${formatAmount(value)},`;
  if (hasChurned(row)) return `${contract} is over: the customer has left.`;
  const alerts =
    open_alerts === undefined
      ? ""
      : `; ${open_alerts === 0 ? "no alert is" : formatCount(open_alerts, "alert is", "alerts are")} open`;
  if (end === undefined) return `${contract} has no recorded end${alerts}.`;
  const days = daysBetween(dateOf(request.now), end);
  if (days < 0) return `${contract} ended on ${formatDate(end)}, ${formatCount(-days, "day")} ago${alerts}.`;
  return `${contract} ends ${days === 0 ? "today" : `on ${formatDate(end)}, in ${formatCount(days, "day")}`}${alerts}.`;
}

/** The story of one customer. */
export function customerStory(data: CustomerStoryData): Story {
  const { row, baseline, request } = data;
  const { score } = row;
  const changed = score
    ? `${bandLabel(score.overall_score)}: ${healthClause("the health score", score.overall_score, baseline, request, 0)}.`
    : "No health score has been calculated yet.";
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
    `Most of it comes from one kind of survey, ${formatSurveyType(main.type).toLowerCase()} (${formatSigned(main.change, 2)}, ${formatCount(main.answers, "answer")})`
  );
}

function csatChanged(
  data: CsatData,
  period: ReportRequest["period"],
): { readonly sentence: string; readonly change: number } {
  const mean = mapCompared(data, averageScore);
  const count = countResponses(data.current.filter((response) => !isNps(response)));
  const nps = printedNps(data.current);
  const answersToNps = countResponses(data.current) - count;
  const few =
    answersToNps === 0
      ? ""
      : `; ${formatCount(answersToNps, "NPS answer")} ${is(answersToNps)} too few for a score`;
  const tail =
    nps === null ? few : `; NPS is ${formatSigned(nps)}, from ${formatCount(answersToNps, "answer")}`;
  if (mean.current === null)
    return {
      sentence: `Nobody answered a survey from 1 to 5 in the period, ${formatPeriod(period)}${tail}.`,
      change: 0,
    };
  const figure = `${formatNumber(mean.current, 2)} of 5, from ${formatCount(count, "answer")}`;
  if (data.since !== undefined || mean.previous === null) {
    const missing =
      data.since === undefined
        ? "there were no answers in the period before"
        : `there are ${noDataBefore(data.since)}`;
    return { sentence: `CSAT is ${figure}; ${missing}${tail}.`, change: 0 };
  }
  const change = Math.round(100 * (mean.current - mean.previous)) / 100;
  const verb = change < 0 ? "fell" : "rose";
  const moved = change === 0 ? "is unchanged at" : `${verb} ${formatNumber(Math.abs(change), 2)} to`;
  return { sentence: `CSAT ${moved} ${figure}, ${versusPrevious(period)}${tail}.`, change };
}

/** What answers of a period come to: of all customers, or of one. */
export async function csatStory(
  data: CsatData,
  { customers }: Pick<Directory, "customers">,
  { period, now }: Pick<ReportRequest, "period" | "now">,
): Promise<Story> {
  const { sentence, change } = csatChanged(data, period);
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
    rows.toSorted(mostValuableFirst).map(({ customer }) => isolate(customer.company_name)),
    MAX_NAMES,
  );
  const lows =
    low === 0
      ? `${total === 0 ? "There is nothing to explain" : "No answer was low"}.`
      : `${formatNumber(low)} of ${formatCount(total, "answer")} ${low === 1 ? "was" : "were"} low${names === "" ? "" : `, from ${names}`}.`;
  const newest =
    found.length < low
      ? `the newest ${formatNumber(found.length)} low scores`
      : low === 1
        ? "the low score"
        : "the low scores";
  const worth = contractValueOf(rows);
  const stake =
    rows.length === 0
      ? "No customer’s contract is touched by a low score."
      : worth === 0
        ? `Behind ${newest} ${rows.length === 1 ? "stands" : "stand"} ${formatCount(rows.length, "customer")}, of whom no contract value is recorded.`
        : `Behind ${newest} ${rows.length === 1 ? "stands" : "stand"} ${formatCount(rows.length, "customer")} with ${formatAmount(worth)} contract value${unknownValues(rows)}.`;
  const by = daysAfter(dateOf(now), ANSWER_DAYS);
  const decisions = topN(unhappy, MAX_DECISIONS, (a, b) => mostValuableFirst(a.row, b.row)).flatMap(
    ({ row, answer }) =>
      answer
        ? [
            {
              row,
              by,
              action: `Call ${isolate(answer.submitted_by_name)} about the ${formatRating(answer)} of ${formatDay(answer.submitted_at)}`,
            },
          ]
        : [],
  );
  return { sentences: [sentence, [main && `${main}.`, lows].filter(Boolean).join(" "), stake], decisions };
}

const BY: TableColumn<Decision> = {
  heading: "By",
  cell: ({ by }) => formatShortDate(by),
  data: ({ by }) => by,
};
const ACTION: TableColumn<Decision> = { heading: "What to do", width: 3, cell: ({ action }) => action };

const ofRow = ({ cell, data, ...column }: TableColumn<CustomerRow>): TableColumn<Decision> => ({
  ...column,
  cell: ({ row }) => cell(row),
  ...(data && { data: ({ row }: Decision) => data(row) }),
});

/** What a report begins with: what it comes to, and what to decide. @param one whether it is about one customer */
export function storySection(
  { sentences, decisions }: Story,
  { amounts, one = false }: { readonly amounts: boolean; readonly one?: boolean },
): Section {
  const columns = [
    ...(one ? [] : [ofRow(CUSTOMER), ...(amounts ? [ofRow(CONTRACT_VALUE)] : []), ofRow(SCORE_AND_CHANGE)]),
    BY,
    ACTION,
  ];
  const table: Block =
    decisions.length === 0
      ? text(one ? "Nothing is to be decided about this customer now." : "Nothing is to be decided now.")
      : tableOf(decisions, columns, { title: "Decide now" });
  return { heading: "In short", blocks: [...sentences.map(text), table] };
}
