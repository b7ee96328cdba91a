import type { SurveyType } from "@success-manager/contract/vocabulary";
import { toStoredSurvey } from "@success-manager/domain/surveys";
import type { StoredDeployment, StoredInteraction, StoredSurvey } from "@success-manager/domain/table";
import { daysAfter, hoursAfter, MONTH_DAYS, workday } from "./dates.ts";
import { dayInMonth, moodIn } from "./interactions.ts";
import { habits } from "./moods.ts";
import { demoId, type Random } from "./random.ts";
import type { Story } from "./stories/story.ts";
import { feedbackTexts, npsRange } from "./texts.ts";

/** Surveys go back half a year. */
const MONTHS = 6;
const ONBOARDING_DAYS = 120;

interface Context {
  readonly today: Date;
  readonly started: Date;
  readonly deployments: readonly StoredDeployment[];
  /** The interactions that stand for tickets, and the numbers of those. */
  readonly tickets: readonly StoredInteraction[];
  readonly numbers: ReadonlyMap<string, string>;
}

/** Responses of the last half year, as many a month as its mood has. Oldest first. */
export function surveysOf(
  story: Story,
  customer_id: string,
  context: Context,
  random: Random,
): StoredSurvey[] {
  const all: StoredSurvey[] = [];
  for (let month = MONTHS; month >= 1; month--) {
    const rate = habits[moodIn(story, month)].surveys;
    const count = Math.floor(rate) + Number(random.next() < rate % 1);
    const ticket = context.tickets.find(({ interaction_date }) => {
      const age = context.today.getTime() - Date.parse(interaction_date);
      return Math.ceil(age / (MONTH_DAYS * 24 * 60 * 60 * 1000)) === month;
    });
    for (let n = 1; n <= count; n++) {
      const id = demoId("survey", story.company, month, n);
      const about = n === 1 && random.next() < 0.6 ? ticket : undefined;
      all.push(survey(story, { id, customer_id, month, about, ...context }, random));
    }
  }
  return all.sort((a, b) => (a.submitted_at < b.submitted_at ? -1 : 1));
}

interface SurveyContext extends Context {
  readonly id: string;
  readonly customer_id: string;
  readonly month: number;
  /** The ticket that the survey is about. */
  readonly about: StoredInteraction | undefined;
}

function submittedAt({ about, month, today }: SurveyContext, random: Random): Date {
  if (about) return hoursAfter(new Date(about.interaction_date), random.whole(1, 5));
  return hoursAfter(
    workday(daysAfter(today, -dayInMonth(month, random))),
    random.whole(8 * 12, 18 * 12) / 12,
  );
}

function typeOf({ about, started }: SurveyContext, at: Date, random: Random): SurveyType {
  if (about) return "post_ticket";
  if (at < daysAfter(started, ONBOARDING_DAYS)) return "onboarding";
  return random.pick([
    "nps",
    "nps",
    "quarterly",
    "quarterly",
    "general_feedback",
    "product_feedback",
  ] as const);
}

function survey(story: Story, context: SurveyContext, random: Random): StoredSurvey {
  const { id, customer_id, month, about, deployments, numbers } = context;
  const submitted = submittedAt(context, random);
  const survey_type = typeOf(context, submitted, random);
  const level = random.weighted(habits[moodIn(story, month)].satisfaction);
  const feedback_text = random.pick(feedbackTexts[level]);
  const person = random.pick([story.contact, story.contact, story.colleague]);
  const deployment =
    survey_type === "product_feedback"
      ? deployments[0]
      : deployments.find(({ product_name }) => about?.description.includes(product_name));
  const input = {
    id,
    customer_id,
    ...(deployment && { product_deployment_id: deployment.id, product: deployment.product_name }),
    survey_type,
    score: survey_type === "nps" ? random.whole(...npsRange[level]) : level,
    ...(feedback_text && { feedback_text }),
    submitted_by_name: person,
    submitted_by_email: emailOf(person, story),
    submitted_at: submitted.toISOString(),
    ...(about && {
      submitted_at: hoursAfter(submitted, random.whole(0, 59) / 60).toISOString(),
      ticket_id: about.id,
      ticket_reference: numbers.get(about.id),
    }),
  };
  return toStoredSurvey(input, story.company);
}

/** `Ingrid Halvorsen` at Velmora: ingrid.halvorsen@velmora.example */
export const emailOf = (person: string, { domain }: Story) =>
  `${person.toLowerCase().replace(/[^a-z]+/g, ".")}@${domain}`;
