import { type ReportType, UNSPECIFIED } from "@success-manager/contract/vocabulary";
import type { Bar, Fact, Section, StackedBar, Tile } from "@success-manager/pdf/document";
import { getAlertCache } from "../../alerts/index.ts";
import { dateOf } from "../../calendar.ts";
import { occurredAt } from "../../customers/index.ts";
import { dashboardStats } from "../../dashboard/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../../directory/index.ts";
import { movementBetween, portfolioLine, reasons, sentence } from "../../health/index.ts";
import { presentSpells, reasonLabel, type Spell } from "../../outcomes/index.ts";
import {
  averageHealthScore,
  hasChurned,
  healthFigures,
  type Portfolio,
  portfolioOf,
  renewalsWithin,
} from "../../portfolio/index.ts";
import { loadSettings } from "../../settings/index.ts";
import { parseScoreCounts } from "../../surveys/index.ts";
import { type AlertState, isScoped } from "../../table/index.ts";
import type { Period } from "../period.ts";
import {
  alertCountTiles,
  alertsSection,
  alertTiles,
  customerAlerts,
  openTable,
  portfolioAlerts,
  resolvedTable,
  severityBar,
  typeTable,
  urgentTable,
  urgentTile,
} from "./alerts.ts";
import { atRiskSection } from "./at-risk.ts";
import { scoreBacktest } from "./backtest.ts";
import { type Baseline, customerBaseline, readBaseline } from "./baseline.ts";
import { ACCOUNT_MANAGER, CONTRACT_VALUE, CUSTOMER, HEALTH, KEY_CONCERNS, TREND } from "./blocks.ts";
import { type CsatData, csatFromCounters, readCustomerCsat } from "./csat-data.ts";
import { feedbackSection } from "./feedback.ts";
import { filterCustomers, isFiltered, nobodySection, unfilteredNote } from "./filters.ts";
import { formatNumber } from "./format.ts";
import {
  customerHealthSection,
  healthSection,
  periodChange,
  readMoveReasons,
  readPeriodChange,
  readScores,
} from "./health.ts";
import { healthTrendsSection } from "./health-trend.ts";
import { customerInteractionsSection, portfolioInteractionsSection } from "./interactions.ts";
import { activityTable, kpisSection, mainFigures } from "./kpis.ts";
import {
  averageHealthTile,
  bandsBar,
  componentBars,
  customerOverviewSection,
  customerTiles,
  healthOverviewSection,
  overviewTiles,
} from "./overview.ts";
import {
  customerListSection,
  customerProfileSection,
  portfolioProfileSection,
  portfolioTiles,
} from "./profile.ts";
import {
  buildSections,
  includes,
  type ReportRequest,
  readAlertCounts,
  readCustomer,
  readPeriodActivity,
} from "./query.ts";
import { adviceOn, nextStepsSection } from "./recommendations.ts";
import {
  contractEndTile,
  customerRenewalsSection,
  renewalDays,
  renewalsSection,
  renewalsTile,
  showsAmounts,
} from "./renewals.ts";
import {
  csatTile,
  customerSatisfactionSection,
  responseRateTile,
  satisfactionSection,
  satisfactionTiles,
} from "./satisfaction.ts";
import { byProductSection, npsSection, scoreBars, scoresSection } from "./scores.ts";
import {
  csatStory,
  customerStory,
  type Departure,
  namedMovers,
  portfolioStory,
  type Story,
  storySection,
} from "./story.ts";
import { csatTrendsSection, monthlyTrendsSection } from "./trends.ts";
import { say, scoreTexts } from "./words.ts";

/** What each report is made of: its sections, top to bottom, and what they share. */

/** A chart that a mail shows as a table. */
export interface SummaryChart {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** What the mail of a report says, from the same source as the report. */
export interface ReportSummary {
  readonly sentences: readonly string[];
  /** Four at most. */
  readonly figures: readonly Tile[];
  readonly chart?: SummaryChart | undefined;
}

/** What a type of report has to say. */
export interface ReportContent {
  /** What it is about in particular, such as a customer; the report's own name when absent. */
  readonly subtitle?: string | undefined;
  /** The days that it is about, where these are others than those that were asked for. */
  readonly period?: Period | undefined;
  /** Under the title, behind the period. */
  readonly facts?: readonly Fact[] | undefined;
  readonly sections: readonly Section[];
  readonly summary: ReportSummary;
  /**
   * What makes it another report than the one before: how things stand, and what happened in its period. Nothing of it
   * moves with the calendar alone.
   */
  readonly substance: { readonly state: readonly unknown[]; readonly activity: readonly unknown[] };
}

const toChart = ({ title = "", parts }: StackedBar): SummaryChart => ({
  title,
  bars: parts.map(({ label, value, share, tone }) => ({
    label,
    value,
    valueText: `${formatNumber(value)} (${share})`,
    tone,
  })),
});

/** How customers stand, as far as reports tell: what is to be decided, figures, and who spoke with them when. */
const stateOf = (rows: readonly CustomerRow[], { decisions }: Story): readonly unknown[] => [
  ...decisions.map(({ row, action }) => [row.customer.id, action]),
  ...rows.map(({ customer, score, contact, account_manager_label, products }) => [
    ...[
      customer.id,
      customer.company_name,
      customer.status,
      customer.contract_value,
      customer.contract_end_date,
    ],
    ...[account_manager_label, products.join(), contact?.dates],
    score && [
      ...[score.overall_score, score.score_trend, score.adoption_score, score.engagement_score],
      ...[score.support_score, score.financial_score],
    ],
  ]),
];

/** Which alerts are open. */
const alertState = (open: readonly AlertState[]) =>
  open.map(({ customer_id, condition, severity }) => [customer_id, condition, severity]);

/** Counts of what happened, by name; nothing where nothing did. */
const nonZero = (counts: Readonly<Record<string, number | undefined>>) =>
  Object.entries(counts).filter(([, count = 0]) => count > 0);

/** The day on which the first customer came. */
function firstDay({ customers }: Pick<Directory, "customers">): string | undefined {
  let first: string | undefined;
  for (const { customer } of customers.values())
    if (first === undefined || customer.created_at < first) first = customer.created_at;
  return first?.slice(0, 10);
}

/** A report whose filters nobody meets. */
const aboutNobody = (section: Section): ReportContent => ({
  sections: [section],
  summary: { sentences: [say("customers.none_meet")], figures: [] },
  substance: { state: [], activity: [] },
});

/** What a portfolio comes to. Two queries say why scores moved that moved most. */
async function tellPortfolio(
  request: ReportRequest,
  portfolio: Portfolio,
  baseline: Baseline,
): Promise<Story> {
  return portfolioStory({
    portfolio,
    baseline,
    request,
    amounts: showsAmounts(request),
    renewalDays: renewalDays(request),
    reasons: await readMoveReasons(namedMovers(portfolio, baseline), baseline, request.now),
  });
}

/** When and why a customer has left who has, where somebody recorded it: one read. */
async function readDeparture(row: CustomerRow, now: Date): Promise<Departure | undefined> {
  if (!hasChurned(row)) return undefined;
  const today = dateOf(now);
  const hasEnded = ({ end }: Spell) => end !== undefined && end <= today;
  const { end, facts } = presentSpells(row.customer, row.ledger).findLast(hasEnded) ?? {};
  const reason = facts?.at(-1)?.reason;
  if (end === undefined || reason === undefined) return undefined;
  return {
    on: end,
    reason: reason === UNSPECIFIED ? "" : reasonLabel(reason, await loadSettings("outcomes")),
  };
}

/**
 * How healthy customers are: how scores are spread, who is at risk and why, how it went, and what to do.
 * @throws 404 for a customer who is not there
 */
async function healthSummary(request: ReportRequest): Promise<ReportContent> {
  const directory = await getDirectory();
  const portfolio = filterCustomers(directory, request.filters);
  const nobody = nobodySection(portfolio, request.filters);
  if (nobody) return aboutNobody(nobody);
  const { rows } = portfolio;
  const one = request.filters.customer_id === undefined ? undefined : rows[0];
  const baseline = await readBaseline(request, rows);
  const story = one
    ? customerStory({
        ...{ row: one, baseline, request },
        reasons: reasons((await readPeriodChange(one, request))?.parts ?? [], await scoreTexts()),
        departure: await readDeparture(one, request.now),
      })
    : await tellPortfolio(request, portfolio, baseline);
  return {
    subtitle: one?.customer.company_name,
    summary: {
      sentences: story.sentences,
      figures: (one
        ? customerTiles(request, one, baseline)
        : overviewTiles(request, rows, baseline).slice(1)
      ).slice(0, 4),
      chart: one?.score
        ? { title: say("chart.components"), bars: componentBars([one]).bars }
        : toChart(bandsBar(rows)),
    },
    substance: { state: stateOf(rows, story), activity: [] },
    sections: await buildSections(request, [
      [
        "summary",
        () => storySection(story, { amounts: true, one: one !== undefined, keepsRows: request.keepsRows }),
      ],
      [
        "overview",
        () =>
          one
            ? customerOverviewSection(request, one, baseline)
            : healthOverviewSection(request, portfolio, baseline),
      ],
      ...(one
        ? []
        : ([
            [
              "at_risk",
              () =>
                atRiskSection(rows, request, {
                  order: "score",
                  columns: [CUSTOMER, HEALTH, TREND, KEY_CONCERNS, ACCOUNT_MANAGER],
                  limit: 25,
                }),
            ],
          ] as const)),
      ["trends", () => healthTrendsSection(request, rows)],
      // Beside their figures, where those are printed.
      ...(includes(request, "overview") || includes(request, "at_risk") || includes(request, "trends")
        ? []
        : ([
            [
              "recommendations",
              (): Section => ({
                heading: say("heading.recommendations"),
                blocks: adviceOn(["at_risk", "contact", "trends", "health", "renewals"], rows, request.now),
              }),
            ],
          ] as const)),
    ]),
  };
}

/**
 * How satisfied customers were in a period, and what they said. Of all customers from counters, of one from what they
 * answered.
 *
 * @throws 404 for a customer who is not there
 */
async function csatAnalysis(request: ReportRequest): Promise<ReportContent> {
  const { filters } = request;
  const directory = await getDirectory();
  const asked = { ...request, since: firstDay(directory) };
  const read: CsatData = await (filters.customer_id === undefined
    ? csatFromCounters(asked, directory)
    : readCustomerCsat(request, filters.customer_id));
  // Read once for the story and the quotes.
  let answers: ReturnType<CsatData["newest"]> | undefined;
  const data: CsatData = {
    ...read,
    newest: (low) => {
      answers ??= read.newest(low);
      return answers;
    },
  };
  const { period } = request;
  const story = await csatStory(data, directory, request);
  const bars = scoreBars(data.current);
  return {
    subtitle: data.company_name,
    summary: {
      sentences: story.sentences,
      figures: [
        ...satisfactionTiles(data, period),
        ...(data.links ? [responseRateTile(data.links, period)] : []),
      ],
      chart: bars && { title: bars.title ?? "", bars: bars.bars },
    },
    substance: { state: [], activity: data.current },
    sections: await buildSections(request, [
      [
        "summary",
        () =>
          storySection(story, {
            amounts: true,
            one: filters.customer_id !== undefined,
            keepsRows: request.keepsRows,
          }),
      ],
      ["scores", () => scoresSection(data, period)],
      ["nps", () => npsSection(data, period)],
      ["trends", () => csatTrendsSection(data, request)],
      ["feedback", () => feedbackSection(data, request)],
      ["by_product", () => byProductSection(data, period)],
    ]),
  };
}

/** The customer base: who they are and how they fare. */
async function portfolioOverview(given: ReportRequest): Promise<ReportContent> {
  const directory = await getDirectory();
  const request = { ...given, since: firstDay(directory) };
  const { filters, period, now } = request;
  const portfolio = filterCustomers(directory, filters);
  const nobody = nobodySection(portfolio, filters);
  if (nobody) return aboutNobody(nobody);
  const { rows } = portfolio;
  const filtered = isFiltered(filters);
  const unfiltered = (counted: "interactions" | "answers") =>
    filtered ? unfilteredNote(counted) : undefined;
  const [baseline, cache] = await Promise.all([readBaseline(request, rows), getAlertCache()]);
  const story = await tellPortfolio(request, portfolio, baseline);
  const ids = new Set(rows.map(({ customer }) => customer.id));
  const open = portfolioAlerts(cache, now, (customer_id) => !filtered || ids.has(customer_id));
  const [counts, csat] = await Promise.all([
    filtered || !includes(request, "alerts") ? undefined : readAlertCounts(request),
    includes(request, "csat") ? csatFromCounters({ ...request, filters: {} }, directory) : undefined,
  ]);
  const due = renewalsWithin(rows, dateOf(now), renewalDays(request));
  return {
    summary: {
      sentences: story.sentences,
      figures: [
        ...portfolioTiles(portfolio, request).slice(0, 1),
        averageHealthTile(averageHealthScore(healthFigures(rows)), baseline, request),
        renewalsTile(rows, request),
        ...(csat ? [csatTile(csat, period)] : []),
      ],
      chart: toChart(bandsBar(rows)),
    },
    substance: {
      state: [
        ...stateOf(rows, story),
        ...due.map(({ row }) => ["due", row.customer.id]),
        ...alertState(open.open),
      ],
      activity: [
        ...(csat?.current ?? []),
        ...nonZero({ opened: counts?.opened.current, resolved: counts?.resolved.current }),
      ],
    },
    sections: await buildSections(request, [
      ["summary", () => storySection(story, { amounts: true, keepsRows: request.keepsRows })],
      ["profile", () => portfolioProfileSection(portfolio, request)],
      ["health", () => healthSection(portfolio, request)],
      ["customers", () => customerListSection(rows, request)],
      ["interactions", () => portfolioInteractionsSection(request, unfiltered("interactions"), rows)],
      [
        "alerts",
        () => {
          const alerts = { ...open, changed: counts && counts.opened.current + counts.resolved.current };
          const tiles = counts ? alertCountTiles(counts, period) : [];
          return alertsSection(alerts, {
            about: say("alerts.about"),
            blocks: [alertTiles(alerts, [urgentTile(alerts), ...tiles]), typeTable(alerts)],
          });
        },
      ],
      ...(csat
        ? ([["csat", () => satisfactionSection(csat, period, { about: unfiltered("answers") })]] as const)
        : []),
      ["renewals", () => renewalsSection(rows, request, { summary: "totals", limit: 40 })],
    ]),
  };
}

/** One customer, as for a business review: who they are, what happened, how they fare, and what comes next. @throws 404 */
async function customerOverview(request: ReportRequest, customer_id: string): Promise<ReportContent> {
  const { now } = request;
  const data = await readCustomer(request, customer_id);
  const { row } = data;
  const scores = await readScores(data, request);
  const baseline = customerBaseline(scores, request);
  const alerts = customerAlerts(data, request);
  const [change, texts] = [periodChange(scores, request), await scoreTexts()];
  const story = customerStory({
    ...{ row, baseline, request },
    reasons: change && reasons(change.parts, texts),
    open_alerts: alerts.open.length,
    departure: await readDeparture(row, now),
  });
  const satisfaction = await customerSatisfactionSection(data, request, 10);
  return {
    subtitle: data.customer.company_name,
    summary: {
      sentences: story.sentences,
      figures: [
        ...customerTiles(request, row, baseline).slice(0, 1),
        ...satisfaction.figures,
        alertTiles(alerts, []).tiles[0],
        contractEndTile(data.customer, dateOf(now)),
      ]
        .filter((tile) => tile !== undefined)
        .slice(0, 4),
      chart: row.score && { title: say("chart.components"), bars: componentBars([row]).bars },
    },
    substance: {
      state: [...stateOf([row], story), ["notes", data.customer.notes], ...alertState(alerts.open)],
      activity: data.history
        .filter((entry) => occurredAt(entry) >= request.period.date_from)
        .map(({ id }) => id),
    },
    sections: await buildSections(request, [
      ["summary", () => storySection(story, { amounts: true, one: true, keepsRows: request.keepsRows })],
      ["profile", () => customerProfileSection(data, request)],
      ["interactions", () => customerInteractionsSection(data, request, 25)],
      ["health", () => customerHealthSection(data, request, scores, change && sentence(change, texts))],
      ["csat", () => satisfaction.section],
      [
        "alerts",
        () =>
          alertsSection(alerts, {
            blocks: [
              alertTiles(alerts, [alerts.openedTile]),
              ...openTable(alerts, request.now, 20),
              ...resolvedTable(alerts.resolved, 20),
            ],
          }),
      ],
      ["renewals", () => customerRenewalsSection(data, request, 30)],
      ["next_steps", () => nextStepsSection(data, request)],
    ]),
  };
}

/** Why scores moved in the period, in one line: one query. They are counted of all customers together, and of nobody else. */
const readMovementLine = async ({ period }: ReportRequest): Promise<string | undefined> =>
  isScoped()
    ? undefined
    : portfolioLine(await movementBetween(period.date_from, period.date_to), await scoreTexts());

/** Everything at a glance: key figures and how they changed, alerts, renewals, who is at risk, and trends. */
async function executiveSummary(given: ReportRequest): Promise<ReportContent> {
  const { filters, period, now } = given;
  // Asked for together, so that all of them look at the same refresh of what is in memory.
  const [directory, cache, stats] = await Promise.all([getDirectory(), getAlertCache(), dashboardStats(now)]);
  const { customers } = directory;
  const request = { ...given, since: firstDay(directory) };
  const portfolio = portfolioOf(customers.values());
  const { rows } = portfolio;
  const [activity, baseline, movement] = await Promise.all([
    readPeriodActivity(request),
    readBaseline(request, rows),
    includes(request, "kpis") ? readMovementLine(request) : undefined,
  ]);
  const alerts = portfolioAlerts(cache, now);
  const story = await tellPortfolio(request, portfolio, baseline);
  const kpis = {
    ...{ request, portfolio, stats, activity, baseline, movement },
    allTime: parseScoreCounts(await directory.totals("survey")),
  };
  const amounts = showsAmounts(request);
  const { include_trends = true } = filters;
  const due = renewalsWithin(rows, dateOf(now), renewalDays(request));
  const { interactions, responses, alerts_opened, alerts_resolved, links } = activity.current;
  return {
    summary: { sentences: story.sentences, figures: mainFigures(kpis), chart: toChart(bandsBar(rows)) },
    substance: {
      state: [
        ...stateOf(rows, story),
        ...due.map(({ row }) => ["due", row.customer.id]),
        ...alertState(alerts.open),
      ],
      activity: [...responses, ...nonZero({ interactions, alerts_opened, alerts_resolved, ...links })],
    },
    sections: await buildSections(request, [
      ["summary", () => withChart(storySection(story, { amounts, keepsRows: request.keepsRows }), rows)],
      ["kpis", () => kpisSection(kpis)],
      [
        "alerts",
        () =>
          alertsSection(alerts, {
            heading: say("heading.alerts_and_activity"),
            blocks: [
              ...severityBar(alerts),
              urgentTable(alerts, { customers, limit: 10, keepsRows: request.keepsRows }),
            ],
            always: [activityTable(activity, period), ...adviceOn(["contact"], rows, now)],
          }),
      ],
      ["renewals", () => renewalsSection(rows, request, { summary: "byMonth", limit: 15 })],
      [
        "at_risk",
        () =>
          atRiskSection(rows, request, {
            order: amounts ? "value" : "score",
            columns: [CUSTOMER, ...(amounts ? [CONTRACT_VALUE] : []), HEALTH, KEY_CONCERNS, ACCOUNT_MANAGER],
            limit: 10,
          }),
      ],
      ...(include_trends ? ([["trends", () => monthlyTrendsSection(request, rows)]] as const) : []),
    ]),
  };
}

/** The chart of the mail, below what is to be decided. */
const withChart = (section: Section, rows: readonly CustomerRow[]): Section => ({
  ...section,
  blocks: rows.length === 0 ? section.blocks : [...section.blocks, bandsBar(rows)],
});

type BuildReport = (request: ReportRequest) => Promise<ReportContent>;

export const REPORT_TYPES: Readonly<Record<ReportType, BuildReport>> = {
  health_summary: healthSummary,
  csat_analysis: csatAnalysis,
  customer_overview: (request) => {
    const { customer_id } = request.filters;
    return customer_id === undefined ? portfolioOverview(request) : customerOverview(request, customer_id);
  },
  executive_summary: executiveSummary,
  score_backtest: scoreBacktest,
};
