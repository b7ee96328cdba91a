import { formatDate } from "./format.ts";
import { say, spoken } from "./words.ts";

/**
 * Titles of alerts in the language of the report. They are stored in English, as the API answers them; those that the
 * system has written are told by their words, which a test compares with what its rules write. What people wrote stays.
 */

const DATE = String.raw`(?<date>\d{1,2} \p{L}{3,4} \d{4})`;

const SURVEYS = {
  "a post-ticket survey": "post_ticket",
  "a quarterly survey": "quarterly",
  "an onboarding survey": "onboarding",
  "an NPS survey": "nps",
  "a general feedback survey": "general_feedback",
  "a product feedback survey": "product_feedback",
} as const satisfies Readonly<Record<string, string>>;

const isSurvey = (name: string): name is keyof typeof SURVEYS => Object.hasOwn(SURVEYS, name);

const TITLES = [
  [`Contract ends on ${DATE}`, "alert.contract_ends"],
  [`Contract ended on ${DATE}`, "alert.contract_ended"],
  [`(?<product>.+) license ends on ${DATE}`, "alert.license_ends"],
  [`(?<product>.+) license ended on ${DATE}`, "alert.license_ended"],
  ["Health score is critical", "alert.score_critical"],
  ["Health score is low", "alert.score_low"],
  ["Adoption score fell", "alert.adoption_fell"],
  ["Engagement score fell", "alert.engagement_fell"],
  ["Support score fell", "alert.support_fell"],
  ["Financial score fell", "alert.financial_fell"],
  [`No contact since ${DATE}`, "alert.no_contact"],
  ["Low score in (?<survey>.+)", "alert.low_score"],
  ["Escalation: (?<subject>.+)", "alert.escalation"],
] as const;

const PATTERNS = TITLES.map(([pattern, key]) => ({ pattern: new RegExp(`^${pattern}$`, "u"), key }));

/** A day as alerts name it, `7 Dec 2026`, as an instant; undefined for what is none. */
function instantOf(date: string): string | undefined {
  const at = Date.parse(`${date.replace("Sept", "Sep")} UTC`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

export function formatAlertTitle(title: string): string {
  if (spoken().language === "en") return title;
  for (const { pattern, key } of PATTERNS) {
    const groups = pattern.exec(title)?.groups;
    if (!pattern.test(title)) continue;
    const { date = "", survey = "", product = "", subject = "" } = groups ?? {};
    const at = date === "" ? "" : instantOf(date);
    if (at === undefined || (survey !== "" && !isSurvey(survey))) return title;
    return say(key, {
      ...{ product, subject, date: at === "" ? "" : formatDate(at) },
      survey: isSurvey(survey) ? SURVEYS[survey] : "",
    });
  }
  return title;
}
