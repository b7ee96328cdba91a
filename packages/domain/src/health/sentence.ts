import type { ScoreMovement } from "@success-manager/contract/health-scores";
import type { ScoreTexts } from "../messages/index.ts";
import { KINDS, type Movement, type Part } from "./movement.ts";

/** How many reasons a sentence names unless it is told; the others are said together. */
const NAMED = 4;

/** With its sign; Arabic words beside it would turn that around (UAX #9, W2), so it is isolated there. */
function signed(points: number, { direction, number }: ScoreTexts): string {
  const plain = points < 0 ? `−${number(-points)}` : `+${number(points)}`;
  return direction === "rtl" ? `\u2066${plain}\u2069` : plain;
}

const PLAIN = ["meeting", "training", "call", "email", "support_ticket", "escalation", "nps"] as const;
const isPlain = (what: string): what is (typeof PLAIN)[number] => PLAIN.some((one) => one === what);

/** How much happened; of open escalations, how many more or fewer there are. */
const countOf = ({ events }: Part) => Math.abs(events.reduce((sum, [, count]) => sum + count, 0));

/** What a feminine noun of Arabic stands for: the words for three to ten agree with it. Other languages have one for both. */
const FEMININE: ReadonlySet<string> = new Set(["call", "email", "nps", "survey"]);

/** Up to ten in words. */
const numberOf = (count: number, kind: string, texts: ScoreTexts) =>
  texts.text(FEMININE.has(kind) ? "number.small_feminine" : "number.small", {
    ...{ count, digits: texts.number(count) },
  });

/** What happened: "two escalations and an NPS of 9". */
function eventsOf({ events, evidence }: Part, texts: ScoreTexts): string {
  const kinds = new Map<(typeof PLAIN)[number] | "survey", number>();
  for (const [what, count] of events) {
    const kind = isPlain(what) ? what : "survey";
    kinds.set(kind, (kinds.get(kind) ?? 0) + Math.abs(count));
  }
  const value = evidence.find((one) => one.value !== undefined)?.value ?? 0;
  const said = Array.from(kinds, ([kind, count]) =>
    texts.text(`event.${kind}`, { count, number: numberOf(count, kind, texts), value }),
  );
  return new Intl.ListFormat(texts.locale, { type: "conjunction" }).format(said);
}

function calendarReason({ source }: Part, texts: ScoreTexts): string {
  if (source === "financial" || source === "days_to_contract_end") return texts.text("reason.contract_end");
  if (source === "adoption" || source === "contract_age_days") return texts.text("reason.contract_start");
  return texts.text(source === "days_since_contact" ? "reason.silence" : "reason.calendar");
}

/** Whether there are fewer open escalations, and the score rose by that. */
const isResolved = ({ source, points, events }: Part) =>
  source === "open_escalations" && points > 0 && events.some(([, count]) => count < 0);

function reasonOf(part: Part, texts: ScoreTexts): string {
  const { kind, measure, source, points, days } = part;
  const count = countOf(part);
  if (kind === "definition" || kind === "override") return texts.text(`reason.${kind}`);
  if (isResolved(part)) return texts.text("reason.resolved", { count, events: eventsOf(part, texts) });
  // What rises otherwise may be limited still: there is less to take.
  if (measure?.startsWith("cap:"))
    return texts.text("reason.cap", { source: source ?? "", takes: points < 0 ? "more" : "less" });
  if (kind === "calendar" && count === 0) return calendarReason(part, texts);
  if (kind === "aged_out" && count > 0 && days !== null)
    return texts.text("reason.aged_out", { count, days, events: eventsOf(part, texts) });
  // What has no window is too old by its own limit.
  if (kind === "aged_out") return texts.text("portfolio.aged_out");
  if (kind === "data") return texts.text("reason.data");
  if (count > 0) return eventsOf(part, texts);
  const isProducts = source === "products" || source === "adoption";
  return texts.text(isProducts ? "reason.products" : "reason.behaviour");
}

/**
 * The reasons for a change, the largest first: "−6 two escalations, −3 a meeting is older than 90 days, +1 an NPS of 9".
 * Empty where there is none.
 */
export function reasons(parts: readonly Part[], texts: ScoreTexts, limit = NAMED): string {
  const largest = parts.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const [named, others] = [largest.slice(0, limit), largest.slice(limit)];
  const rest = others.reduce((sum, { points }) => sum + points, 0);
  const said = named.map((part) => [part.points, reasonOf(part, texts)] as const);
  if (rest !== 0) said.push([rest, texts.text("reason.other")]);
  return listed(said, texts);
}

const listed = (said: readonly (readonly [points: number, reason: string])[], texts: ScoreTexts) =>
  said
    .map(([points, reason]) => texts.text("sentence.part", { points: signed(points, texts), reason }))
    .reduce((first, next) => (first ? texts.text("sentence.list", { first, next }) : next), "");

/** Why a score moved, in one sentence: "72 → 64: −6 two escalations, −3 a meeting is older than 90 days". */
export const sentence = (
  { from, to, parts }: Pick<Movement, "from" | "to" | "parts">,
  texts: ScoreTexts,
): string =>
  parts.length === 0
    ? texts.text("sentence.none", { score: to })
    : texts.text("sentence.change", { from, to, parts: reasons(parts, texts) });

/** How the scores of all customers moved, by reason, in one line; undefined where none did. */
export function portfolioLine(
  { improved, declined, parts }: Pick<ScoreMovement, "improved" | "declined" | "parts">,
  texts: ScoreTexts,
): string | undefined {
  const sums = KINDS.map((kind) => {
    const points = parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + part.points, 0);
    return [points, texts.text(`portfolio.${kind}`)] as const;
  });
  const said = sums.filter(([points]) => points !== 0).sort(([a], [b]) => Math.abs(b) - Math.abs(a));
  if (said.length === 0) return undefined;
  return texts.text("portfolio.moved", { improved, declined, parts: listed(said, texts) });
}
