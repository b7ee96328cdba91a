import { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import type { Section, Table } from "@success-manager/pdf/document";
import { type Counters, countersBetween, dayOf, sumCounters } from "../../../../counters/index.ts";
import { type Period, precedingPeriod } from "../../../period.ts";
import type { Asked } from "../../asked.ts";
import { againstText, changeCell, numberText, termText } from "../../wording.ts";
import { type Contacts, contactTiles, noContactsText, sentimentSplit } from "../contact-figures.ts";
import { ofAll } from "./whole.ts";

/** What is counted of the days of a period: `<type>|<sentiment>|<1 or 0>`. */
function within(days: ReadonlyMap<string, Counters>, { date_from, date_to }: Period): Contacts {
  const own = [...days]
    .filter(([day]) => day >= dayOf(date_from) && day <= dayOf(date_to))
    .map(([, counters]) => counters);
  return (type, sentiment) =>
    own.reduce(
      (sum, counters) =>
        sum +
        sumCounters(counters, (name) => {
          const [one, mood] = name.split("|");
          return (type === undefined || one === type) && (sentiment === undefined || mood === sentiment);
        }),
      0,
    );
}

function typeTable(now: Contacts, earlier: Contacts, period: Period): Table {
  return {
    kind: "table",
    title: `By type, with changes ${againstText(period)}`,
    columns: [
      { heading: "Contact", width: 2 },
      { heading: "In the period", align: "right", width: 1.3 },
      { heading: "Change", align: "right", width: 1.2 },
      ...Sentiment.options.map((sentiment) => ({ heading: termText(sentiment), align: "right" as const })),
    ],
    rows: InteractionType.options.map((type) => {
      const count = now(type, undefined);
      return [
        termText(type),
        numberText(count),
        changeCell(count, earlier(type, undefined), { better: type === "escalation" ? "less" : "neither" }),
        ...Sentiment.options.map((sentiment) => numberText(now(type, sentiment))),
      ];
    }),
  };
}

/** How often customers were spoken with in the period, and in which mood. */
export async function contactsSection({ period }: Asked, narrowed: boolean): Promise<Section> {
  const previous = precedingPeriod(period);
  const days = await countersBetween("interaction", dayOf(previous.date_from), dayOf(period.date_to));
  const [now, earlier] = [within(days, period), within(days, previous)];
  const heading = "Interactions";
  const about = narrowed ? ofAll("Contacts are") : undefined;
  if (now(undefined, undefined) === 0)
    return {
      heading,
      about,
      blocks: [{ kind: "text", text: noContactsText(earlier) }],
    };
  return {
    heading,
    about,
    blocks: [
      { kind: "tiles", tiles: contactTiles(now, earlier, period) },
      sentimentSplit(now),
      typeTable(now, earlier, period),
    ],
  };
}
