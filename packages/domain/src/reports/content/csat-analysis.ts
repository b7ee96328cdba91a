import { getDirectory } from "../../directory/index.ts";
import { type Asked, type Content, parts } from "./asked.ts";
import { byProductSection } from "./csat/by-product.ts";
import { countedAnswers } from "./csat/counted-answers.ts";
import { customerAnswers } from "./csat/customer-answers.ts";
import { feedbackSection } from "./csat/feedback.ts";
import { npsSection } from "./csat/nps.ts";
import { scoresSection } from "./csat/scores.ts";
import { trendsSection } from "./csat/trends.ts";

/**
 * How satisfied customers were in a period, and what they said. Of all customers from counters, of one from what they
 * answered.
 *
 * @throws 404 for a customer who is not there
 */
export async function csatAnalysis(asked: Asked): Promise<Content> {
  const { period, filters } = asked;
  const { customer_id } = filters;
  const answered = await (customer_id === undefined
    ? countedAnswers(asked, getDirectory())
    : customerAnswers(asked, customer_id));
  return {
    subtitle: answered.company_name,
    sections: await parts(asked, [
      ["scores", () => scoresSection(answered, period)],
      ["nps", () => npsSection(answered, period)],
      ["trends", () => trendsSection(answered, asked)],
      ["feedback", () => feedbackSection(answered)],
      ["by_product", () => byProductSection(answered, period)],
    ]),
  };
}
