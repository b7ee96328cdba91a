import type { Sentiment } from "@success-manager/contract/vocabulary";
import type { Section, Tone } from "@success-manager/pdf/document";
import type { TimelineEntry } from "../../../../customers/index.ts";
import type { Asked } from "../../asked.ts";
import { CUT } from "../../csat/words.ts";
import { dateText, termText } from "../../wording.ts";
import { type Contacts, contactTiles, noContactsText } from "../contact-figures.ts";
import type { Known } from "./known.ts";

/** How many are listed. */
const SHOWN = 25;

type Contact = Extract<TimelineEntry, { __edb_e__: "interaction" }>;

const SENTIMENT_TONES: Readonly<Record<Sentiment, Tone>> = {
  positive: "good",
  neutral: "neutral",
  negative: "bad",
};

const counting =
  (contacts: readonly Contact[]): Contacts =>
  (type, sentiment) =>
    contacts.filter(
      (one) =>
        (type === undefined || one.interaction_type === type) &&
        (sentiment === undefined || one.sentiment === sentiment),
    ).length;

/** When and why they were spoken with in the period. */
export function contactsSection({ history, whole }: Known, { period }: Asked): Section {
  const contacts = history.filter((entry): entry is Contact => entry.__edb_e__ === "interaction");
  const now = contacts.filter(({ interaction_date }) => interaction_date.slice(0, 10) >= period.date_from);
  const earlier = contacts.filter(({ interaction_date }) => interaction_date.slice(0, 10) < period.date_from);
  const tiles = contactTiles(counting(now), counting(earlier), period);
  const heading = "Interactions";
  const cut = whole ? [] : [{ kind: "text", muted: true, text: CUT } as const];
  if (now.length === 0)
    return {
      heading,
      blocks: [{ kind: "text", text: noContactsText(counting(earlier)) }, ...cut],
    };
  return {
    heading,
    blocks: [
      { kind: "tiles", tiles },
      {
        kind: "table",
        columns: [
          { heading: "Date", width: 1.3 },
          { heading: "Type", width: 1.4 },
          { heading: "Subject", width: 3 },
          { heading: "Sentiment", width: 1 },
          { heading: "By", width: 1.5 },
        ],
        rows: now
          .slice(0, SHOWN)
          .map((one) => [
            dateText(one.interaction_date.slice(0, 10)),
            termText(one.interaction_type),
            one.subject,
            { text: termText(one.sentiment), tone: SENTIMENT_TONES[one.sentiment] },
            one.performed_by_name ?? one.performed_by,
          ]),
        more: Math.max(0, now.length - SHOWN),
      },
      ...cut,
    ],
  };
}
