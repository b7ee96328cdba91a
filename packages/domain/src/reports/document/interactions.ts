import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import type { Block, Section, StackedBar, Table, Tile } from "@success-manager/pdf/document";
import { sumCounters } from "../../counters/index.ts";
import type { TimelineEntry } from "../../customers/index.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { sharesOf } from "../../figures.ts";
import type { Period } from "../period.ts";
import { note, stackedBar, type TableColumn, tableOf, text } from "./blocks.ts";
import { formatNumber, formatPercent, formatShortDate, formatTerm, versusPrevious } from "./format.ts";
import {
  type Compared,
  type CustomerData,
  comparedCell,
  comparedChange,
  customerSince,
  type DailyCounters,
  incompleteText,
  mapCompared,
  type ReportRequest,
  readDailyCounters,
} from "./query.ts";
import { adviceOn } from "./recommendations.ts";
import { aboutPeriod } from "./satisfaction.ts";
import { MATTERS, SENTIMENT_TONES } from "./tones.ts";
import { say } from "./words.ts";

/** Interactions with customers: how often, of which type, and in which mood. */

interface InteractionKind {
  readonly type?: InteractionType;
  readonly sentiment?: Sentiment;
}

/** How many interactions there were of a type and a sentiment; of any where none is named. */
type CountInteractions = (kind?: InteractionKind) => number;

type Counts = Compared<CountInteractions>;

/** A share of the interactions, and how it has changed in percentage points. */
function shareTile(sentiment: Sentiment, counts: Counts, period: Period): Tile {
  const label = formatTerm(sentiment);
  const share = mapCompared(counts, (count) => {
    const shares = sharesOf(Sentiment.options.map((one) => count({ sentiment: one })));
    return count() === 0 ? null : (shares[Sentiment.options.indexOf(sentiment)] ?? null);
  });
  if (share.current === null) return { label, value: say("value.none") };
  return {
    label,
    value: formatPercent(share.current),
    ...comparedChange(share, {
      against: versusPrevious(period),
      decimals: 1,
      matters: MATTERS.share,
      unit: "points",
      better: sentiment === "negative" ? "less" : "more",
    }),
  };
}

/** All interactions first. */
function interactionTiles(counts: Counts, period: Period): Block {
  const against = versusPrevious(period);
  const all = mapCompared(counts, (count) => count());
  const escalations = mapCompared(counts, (count) => count({ type: "escalation" }));
  return {
    kind: "tiles",
    tiles: [
      {
        label: say("interactions.tile"),
        value: formatNumber(all.current),
        ...comparedChange({ ...all, previous: all.previous || null }, { against, better: "neither" }),
      },
      shareTile("positive", counts, period),
      shareTile("negative", counts, period),
      {
        label: say("interactions.escalations"),
        value: formatNumber(escalations.current),
        ...comparedChange(escalations, { against, better: "less" }),
      },
    ],
  };
}

/** Printed instead of figures when there were none. */
function noInteractionsText({ previous }: Counts): string {
  const count = previous();
  return count > 0 ? say("interactions.none_then", { count }) : say("interactions.none");
}

/** The section of any report. @param blocks what follows the figures, where there are some */
const interactionsSection = (
  counts: Counts,
  period: Period,
  { about, blocks }: { readonly about?: string | undefined; readonly blocks: readonly Block[] },
): Section => ({
  heading: say("heading.interactions"),
  about: aboutPeriod(period, about),
  blocks:
    counts.current() === 0
      ? [text(noInteractionsText(counts))]
      : [interactionTiles(counts, period), ...blocks],
});

/** From counters named `<type>|<sentiment>|<1 or 0>`. */
const fromCounters =
  (days: DailyCounters): CountInteractions =>
  ({ type, sentiment } = {}) =>
    Array.from(days.values()).reduce(
      (sum, counters) =>
        sum +
        sumCounters(counters, (name) => {
          const [one, mood] = name.split("|");
          return (type ?? one) === one && (sentiment ?? mood) === mood;
        }),
      0,
    );

const sentimentBar = (count: CountInteractions): StackedBar =>
  stackedBar(
    say("interactions.sentiment", { count: count() }),
    Sentiment.options.map((sentiment) => ({
      label: formatTerm(sentiment),
      value: count({ sentiment }),
      tone: SENTIMENT_TONES[sentiment],
    })),
  );

const typeTable = (counts: Counts, period: Period): Table =>
  tableOf(
    InteractionType.options,
    [
      { heading: say("column.type"), width: 2, cell: formatTerm },
      {
        heading: say("column.in_period"),
        align: "right",
        width: 1.3,
        cell: (type) => formatNumber(counts.current({ type })),
      },
      {
        heading: say("column.change"),
        align: "right",
        width: 1.2,
        cell: (type) =>
          comparedCell(
            mapCompared(counts, (count) => count({ type })),
            { better: type === "escalation" ? "less" : "neither" },
          ),
      },
      ...Sentiment.options.map(
        (sentiment): TableColumn<InteractionType> => ({
          heading: formatTerm(sentiment),
          align: "right",
          cell: (type) => formatNumber(counts.current({ type, sentiment })),
        }),
      ),
    ],
    { title: say("interactions.by_type", { against: versusPrevious(period) }) },
  );

/** How often customers were spoken with in the period, and in which mood: one query. */
export async function portfolioInteractionsSection(
  request: ReportRequest,
  about: string | undefined,
  rows: readonly CustomerRow[],
): Promise<Section> {
  const { period, now } = request;
  const advice = adviceOn(["contact"], rows, now);
  const counts = mapCompared(await readDailyCounters("interaction", request), fromCounters);
  const section = interactionsSection(counts, period, {
    about,
    blocks: [sentimentBar(counts.current), typeTable(counts, period)],
  });
  return { ...section, blocks: [...section.blocks, ...advice] };
}

type Interaction = Extract<TimelineEntry, { __edb_e__: "interaction" }>;

const fromInteractions =
  (interactions: readonly Interaction[]): CountInteractions =>
  ({ type, sentiment } = {}) =>
    interactions.filter(
      (one) =>
        (type ?? one.interaction_type) === one.interaction_type &&
        (sentiment ?? one.sentiment) === one.sentiment,
    ).length;

const INTERACTION_COLUMNS: readonly TableColumn<Interaction>[] = [
  {
    heading: () => say("column.date"),
    width: 1.3,
    cell: ({ interaction_date }) => formatShortDate(interaction_date),
    data: ({ interaction_date }) => interaction_date.slice(0, 10),
  },
  {
    heading: () => say("column.type"),
    width: 1.4,
    cell: ({ interaction_type }) => formatTerm(interaction_type),
  },
  { heading: () => say("column.subject"), width: 3, cell: ({ subject }) => subject },
  {
    heading: () => say("column.sentiment"),
    width: 1,
    cell: ({ sentiment }) => ({ text: formatTerm(sentiment), tone: SENTIMENT_TONES[sentiment] }),
  },
  {
    heading: () => say("column.by_person"),
    width: 1.5,
    cell: (one) => one.performed_by_name ?? one.performed_by,
  },
];

/** When and why a customer was spoken with in the period. @param limit how many interactions are listed */
export function customerInteractionsSection(
  data: CustomerData,
  { period, keepsRows }: ReportRequest,
  limit: number,
): Section {
  const { history, complete } = data;
  const interactions = history.filter((entry): entry is Interaction => entry.__edb_e__ === "interaction");
  const [current = [], previous = []] = [true, false].map((isCurrent) =>
    interactions.filter(
      ({ interaction_date }) => interaction_date.slice(0, 10) >= period.date_from === isCurrent,
    ),
  );
  const section = interactionsSection(
    mapCompared({ current, previous, since: customerSince(data, period) }, fromInteractions),
    period,
    {
      blocks: [tableOf(current, INTERACTION_COLUMNS, { limit, keepsRows })],
    },
  );
  return complete ? section : { ...section, blocks: [...section.blocks, note(incompleteText())] };
}
