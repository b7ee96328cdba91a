/** What a survey asks and says, in the words of the catalogue: the same in the mail, on the page and for the web client. */
import type { Invitation } from "@success-manager/contract/surveys";
import type { SurveyType } from "@success-manager/contract/vocabulary";
import { isolate, sanitizeLine } from "../mail/index.ts";
import type { SurveyTexts } from "../messages/index.ts";

type Asked = Pick<Invitation, "survey_type" | "product" | "ticket_reference">;

/** What a survey asks, in one sentence. It names the product that it is about, where it is about one. */
export const surveyQuestion = (
  { survey_type, product, ticket_reference }: Asked,
  { text }: SurveyTexts,
): string =>
  text(`question.${survey_type}`, {
    about: product ? "product" : "us",
    product: product ?? "",
    ...(survey_type === "post_ticket" && {
      named: ticket_reference ? "yes" : "no",
      ticket: isolate(ticket_reference ?? ""),
    }),
  });

/** Which words suit the question. */
const scaleWords = (survey_type: SurveyType) => {
  if (survey_type === "nps") return "likelihood";
  return survey_type === "product_feedback" ? "fitness" : "satisfaction";
};

/** What the lowest and the highest number mean. */
export function scaleEnds(survey_type: SurveyType, { text }: SurveyTexts): readonly [string, string] {
  const words = scaleWords(survey_type);
  return [text(`scale.${words}.lowest`), text(`scale.${words}.highest`)];
}

/** Detractors, passives and promoters of a recommendation; else 1 to 3 and 4 to 5. */
export type ScoreGroup = "low" | "middle" | "high";

export function scoreGroup(survey_type: SurveyType, score: number): ScoreGroup {
  if (survey_type !== "nps") return score <= 3 ? "low" : "high";
  if (score <= 6) return "low";
  return score <= 8 ? "middle" : "high";
}

/** What asks for the comment: by the group of the score, and as long as none is chosen. */
export function commentQuestions(
  survey_type: SurveyType,
  { text }: SurveyTexts,
): readonly (readonly [ScoreGroup | "any", string])[] {
  const words = scaleWords(survey_type);
  return [
    ["any", text(`comment.${words}.any`)],
    ["low", text(`comment.${words}.low`)],
    ...(words === "likelihood" ? [["middle", text("comment.likelihood.middle")] as const] : []),
    ["high", text(`comment.${words}.high`)],
  ];
}

/** The numbers of a scale, the lowest first. */
export const scoresOf = ({ min, max }: Invitation["scale"]): number[] =>
  Array.from({ length: max - min + 1 }, (_, step) => min + step);

/** What the team wrote, line by line: without controls, and with no more than one empty line in a row. */
export function messageLines(message: string | null): string[] {
  const lines = (message ?? "").split(/\r\n|[\n\r\u0085\u2028\u2029]/).map(sanitizeLine);
  return lines.filter((line, n) => line || lines[n - 1]);
}
