import { InteractionType, type Product, type Sentiment } from "@success-manager/contract/vocabulary";
import { dateOf } from "@success-manager/domain/calendar";
import { toStoredInteraction } from "@success-manager/domain/interactions";
import type { StoredInteraction } from "@success-manager/domain/table";
import { type DemoAccount, james, sarah } from "./accounts.ts";
import { daysAfter, hoursAfter, MONTH_DAYS, workday } from "./dates.ts";
import { habits, type Mood } from "./moods.ts";
import { demoId, type Random, randomOf } from "./random.ts";
import type { Story } from "./stories/story.ts";
import { interactionTexts } from "./texts.ts";

/** The oldest of the six monthly scores looks back 90 days from 150 days ago. */
const MONTHS = 8;

/**
 * A day of a month, as days before today. Never within two days of the month before, so that moving to a Friday
 * stays in the month, and a calculation at any hour of today sees what the one at midnight saw.
 */
export const dayInMonth = (month: number, random: Random) =>
  (month - 1) * MONTH_DAYS + random.whole(1, MONTH_DAYS - 3);

/** The mood of a month; month 1 is the 30 days up to today. */
export const moodIn = ({ mood, before }: Story, month: number): Mood =>
  before && month > before.until ? before.mood : mood;

/** Follow-ups older than this are done. */
const FOLLOW_UP_DAYS = 20;
const SUPPORT_DESK = "Support Desk";

/** People escalate when something went wrong. */
const sentimentOf = (type: InteractionType, mood: Mood, random: Random): Sentiment =>
  type === "escalation"
    ? random.pick(["negative", "negative", "neutral"] as const)
    : random.weighted(habits[mood].sentiment);

interface Context {
  readonly customer_id: string;
  readonly today: Date;
  /** Of the user with this e-mail address. */
  readonly userId: (email: string) => string;
}

/** Calls, meetings, tickets of the last eight months, as often as the mood of each month has them. Oldest first. */
export function interactionsOf(story: Story, context: Context, random: Random): StoredInteraction[] {
  const { today } = context;
  const all: StoredInteraction[] = [];
  // The fraction that is left of a type from month to month, so that 0.34 a month are one in three months.
  const due = new Map(InteractionType.options.map((type) => [type, random.whole(2, 6) / 10]));
  for (let month = MONTHS; month >= 1; month--) {
    const mood = moodIn(story, month);
    for (const type of InteractionType.options) {
      const count = (due.get(type) ?? 0) + habits[mood].interactions[type];
      due.set(type, count % 1);
      for (let n = 1; n <= count; n++) {
        const day = workday(daysAfter(today, -dayInMonth(month, random)));
        const at = hoursAfter(day, random.whole(8 * 12, 17 * 12) / 12);
        const id = demoId("interaction", story.company, month, type, n);
        all.push(interaction(story, { ...context, id, type, mood, at }, random));
      }
    }
  }
  return all.sort((a, b) => (a.interaction_date < b.interaction_date ? -1 : 1));
}

interface InteractionContext extends Context {
  readonly id: string;
  readonly type: InteractionType;
  readonly mood: Mood;
  readonly at: Date;
}

function interaction(
  { products, manager }: Story,
  { id, customer_id, type, mood, at, today, userId }: InteractionContext,
  random: Random,
): StoredInteraction {
  const sentiment = sentimentOf(type, mood, random);
  const product = random.pick<Product>(products);
  const [subject, description] = random.pick(interactionTexts[type][sentiment]);
  const followUp = random.next() < 0.5 && at > daysAfter(today, -FOLLOW_UP_DAYS);
  // Tickets come to whoever is there.
  const author = type === "support_ticket" ? randomOf(id).pick<DemoAccount>([sarah, james]) : manager;
  return toStoredInteraction({
    id,
    customer_id,
    interaction_type: type,
    subject: subject.replace("{product}", product),
    description: description.replace("{product}", product),
    sentiment,
    performed_by: type === "support_ticket" ? SUPPORT_DESK : manager.full_name,
    ...(type !== "support_ticket" && { performed_by_id: userId(author.email) }),
    author_id: userId(author.email),
    author_name: author.full_name,
    interaction_date: at.toISOString(),
    follow_up_required: followUp,
    ...(followUp && { follow_up_date: dateOf(daysAfter(at, random.whole(1, 14))) }),
  });
}
