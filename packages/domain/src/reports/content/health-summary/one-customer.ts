import type { Section, Tile } from "@success-manager/pdf/document";
import { dateOf, daysBetween } from "../../../calendar.ts";
import type { CustomerRow } from "../../../directory/index.ts";
import { lastInteractionAt } from "../../../interactions/last-contact.ts";
import { healthBand } from "../../../portfolio/index.ts";
import type { Asked } from "../asked.ts";
import { averageChange, earlierOf } from "../compared.ts";
import { BANDS, TRENDS } from "../health-words.ts";
import { countText, dayText, shortDayText } from "../wording.ts";
import { componentsOf } from "./components.ts";

const bandLabel = (score: number) =>
  new Map(BANDS.map(([band, { label }]) => [band, label])).get(healthBand(score));

const agoText = (days: number) => (days === 0 ? "Today" : `${countText(days, "day")} ago`);

function contactTile({ contact }: CustomerRow, now: Date): Tile {
  const label = "Last contact";
  const day = lastInteractionAt(contact, now)?.slice(0, 10);
  if (day === undefined) return { label, value: "Never", note: "nobody was in contact yet" };
  return { label, value: agoText(daysBetween(day, dateOf(now))), note: `on ${dayText(day)}` };
}

function contractTile({ customer }: CustomerRow, now: Date): Tile {
  const label = "Contract";
  const end = customer.contract_end_date;
  if (end === undefined) return { label, value: "Open", note: "no end is known" };
  const days = daysBetween(dateOf(now), end);
  const note = `${days < 0 ? "ended" : "ends"} on ${dayText(end)}`;
  return days < 0
    ? { label, value: "Ended", note, tone: "bad" }
    : { label, value: countText(days, "day"), note };
}

/** How healthy one customer is: shares and counts would say nothing. */
export async function oneCustomerSection(asked: Asked, row: CustomerRow): Promise<Section> {
  const { score } = row;
  const heading = "Overview";
  const rest = [contactTile(row, asked.now), contractTile(row, asked.now)];
  if (!score)
    return {
      heading,
      about: "No health score has been calculated yet.",
      blocks: [{ kind: "tiles", tiles: rest }],
    };
  const trend = new Map(TRENDS).get(score.score_trend);
  const earlier = await earlierOf(asked, [row]);
  return {
    heading,
    about: `${bandLabel(score.overall_score)}, by the newest score, of ${dayText(score.calculated_at.slice(0, 10))}.`,
    blocks: [
      {
        kind: "tiles",
        tiles: [
          {
            label: "Health score",
            value: String(score.overall_score),
            ...averageChange(score.overall_score, earlier, asked, 0),
          },
          {
            label: "Trend",
            value: trend?.label ?? score.score_trend,
            note: `over 30 days to ${shortDayText(score.calculated_at.slice(0, 10))}`,
            tone: trend?.tone,
          },
          ...rest,
        ],
      },
      componentsOf([row]),
    ],
  };
}
