import type { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import type { StackedBar, Tile } from "@success-manager/pdf/document";
import { percentOf } from "../../../figures.ts";
import type { Period } from "../../period.ts";
import { againstText, changeText, countText, numberText, percentText } from "../wording.ts";

/** How many contacts there were of a type and a sentiment; of any where none is named. */
export type Contacts = (type: InteractionType | undefined, sentiment: Sentiment | undefined) => number;

/** A share of the contacts, and how it has changed in percentage points. */
function shareTile(
  label: string,
  sentiment: Sentiment,
  now: Contacts,
  earlier: Contacts,
  period: Period,
): Tile {
  const share = (contacts: Contacts) => {
    const all = contacts(undefined, undefined);
    return all === 0 ? null : percentOf(contacts(undefined, sentiment), all);
  };
  const part = share(now);
  if (part === null) return { label, value: "None" };
  return {
    label,
    value: percentText(part),
    ...changeText(part, share(earlier), {
      against: againstText(period),
      decimals: 1,
      unit: " points",
      better: sentiment === "negative" ? "less" : "more",
    }),
  };
}

/** All contacts first. */
export function contactTiles(now: Contacts, earlier: Contacts, period: Period): Tile[] {
  const [count, then] = [now(undefined, undefined), earlier(undefined, undefined)];
  const [escalated, before] = [now("escalation", undefined), earlier("escalation", undefined)];
  return [
    {
      label: "Contacts",
      value: numberText(count),
      ...changeText(count, then || null, {
        against: againstText(period),
        better: "neither",
        nothing: "none in the period before",
      }),
    },
    shareTile("Positive", "positive", now, earlier, period),
    shareTile("Negative", "negative", now, earlier, period),
    {
      label: "Escalations",
      value: numberText(escalated),
      ...changeText(escalated, before, { against: againstText(period), better: "less" }),
    },
  ];
}

export const sentimentSplit = (now: Contacts): StackedBar => ({
  kind: "stackedBar",
  title: `Sentiment of ${countText(now(undefined, undefined), "contact")}`,
  parts: [
    { label: "Positive", value: now(undefined, "positive"), tone: "good" },
    { label: "Neutral", value: now(undefined, "neutral"), tone: "neutral" },
    { label: "Negative", value: now(undefined, "negative"), tone: "bad" },
  ],
});

/** Said instead of figures when there were none. */
export function noContactsText(earlier: Contacts): string {
  const count = earlier(undefined, undefined);
  const then =
    count > 0
      ? `; in the one before there ${count === 1 ? "was" : "were"} ${countText(count, "contact")}`
      : "";
  return `No contact was logged in this period${then}.`;
}
