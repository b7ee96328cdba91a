import type { ScoreTexts } from "../messages/index.ts";
import type { Movement, Part } from "./movement.ts";

/** How many reasons a sentence names; the others are said together. */
const NAMED = 4;

const signed = (points: number) => (points < 0 ? `−${-points}` : `+${points}`);

const PLAIN = ["meeting", "training", "call", "email", "support_ticket", "escalation", "nps"] as const;
const isPlain = (what: string): what is (typeof PLAIN)[number] => PLAIN.some((one) => one === what);

const countOf = ({ events }: Part) => events.reduce((sum, [, count]) => sum + count, 0);

/** What happened: "2 escalations and an NPS of 9". */
function eventsOf({ events, evidence }: Part, texts: ScoreTexts): string {
  const kinds = new Map<(typeof PLAIN)[number] | "survey", number>();
  for (const [what, count] of events) {
    const kind = isPlain(what) ? what : "survey";
    kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const value = evidence.find((one) => one.value !== undefined)?.value ?? 0;
  const said = Array.from(kinds, ([kind, count]) => texts.text(`event.${kind}`, { count, value }));
  return new Intl.ListFormat(texts.locale, { type: "conjunction" }).format(said);
}

function calendarReason({ source }: Part, texts: ScoreTexts): string {
  if (source === "financial" || source === "days_to_contract_end") return texts.text("reason.contract_end");
  if (source === "adoption" || source === "contract_age_days") return texts.text("reason.contract_start");
  return texts.text(source === "days_since_contact" ? "reason.silence" : "reason.calendar");
}

function reasonOf(part: Part, texts: ScoreTexts): string {
  const { kind, measure, source, points, days } = part;
  const count = countOf(part);
  if (kind === "definition" || kind === "override") return texts.text(`reason.${kind}`);
  if (measure?.startsWith("cap:")) return texts.text(points < 0 ? "reason.cap" : "reason.uncapped");
  if (kind === "calendar" && count === 0) return calendarReason(part, texts);
  if (kind === "aged_out" && count > 0 && days !== null)
    return texts.text("reason.aged_out", { count, days, events: eventsOf(part, texts) });
  if (kind === "data") return texts.text("reason.data");
  if (count > 0) return eventsOf(part, texts);
  const isProducts = source === "products" || source === "adoption";
  return texts.text(isProducts ? "reason.products" : "reason.behaviour");
}

/**
 * Why a score moved, in one sentence, the largest reason first:
 * "72 → 64: −6 2 escalations, −3 a meeting is older than 90 days, +1 an NPS of 9".
 */
export function sentence(
  { from, to, parts }: Pick<Movement, "from" | "to" | "parts">,
  texts: ScoreTexts,
): string {
  if (parts.length === 0) return texts.text("sentence.none", { score: to });
  const largest = parts.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const [named, others] = [largest.slice(0, NAMED), largest.slice(NAMED)];
  const rest = others.reduce((sum, { points }) => sum + points, 0);
  const said = named.map((part) => [part.points, reasonOf(part, texts)] as const);
  if (rest !== 0) said.push([rest, texts.text("reason.other")]);
  const list = said.map(([points, reason]) =>
    texts.text("sentence.part", { points: signed(points), reason }),
  );
  return texts.text("sentence.change", { from, to, parts: list.join(", ") });
}
