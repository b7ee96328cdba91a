import type { SurveyType } from "@success-manager/contract/vocabulary";
import { toStoredSurvey } from "@success-manager/domain/surveys";
import type { StoredSurvey, StoredSurveyLink } from "@success-manager/domain/table";
import { hashToken } from "../../../packages/domain/src/link-token.ts";
import type { Company } from "./company.ts";
import { hasOpenLink, linkToken, pick, surveyId } from "./ids.ts";
import type { Time } from "./time.ts";

/** Of those whose link is not open any more half have used it. */
const hasUsedLink = (n: number) => n % 4 === 0;

const typeOf = (n: number, i: number): SurveyType =>
  pick(["nps", "quarterly", "post_ticket", "onboarding"], n + i);

/** The customer's survey link: open, used for the first answer, or revoked. */
export function linkOf({ n, customer }: Company, { instant }: Time): StoredSurveyLink {
  const kept = hashToken(linkToken(n));
  if (!kept) throw new Error("A link's token does not look like one");
  const sent = {
    ...kept,
    customer_id: customer.id,
    customer_name: customer.company_name,
    survey_type: typeOf(n, 0),
    created_by: customer.id,
  };
  if (hasOpenLink(n)) return { ...sent, created_at: instant(1), expires_at: instant(-13), revision: 1 };
  const before = {
    ...sent,
    created_at: instant((n % 7) + 1.25),
    expires_at: instant((n % 7) - 6),
    revision: 2,
  };
  return hasUsedLink(n)
    ? { ...before, answered_at: instant((n % 7) + 0.25) }
    : { ...before, revoked_at: instant(n % 7) };
}

/** Answers of different kinds within the last half year; every other one is about a product, with a comment. */
export const answersOf = (
  { n, customer, history, deployments: [deployment] }: Company,
  link: StoredSurveyLink,
  { instant }: Time,
): StoredSurvey[] =>
  Array.from({ length: history.surveys }, (_, i) =>
    toStoredSurvey(
      {
        id: surveyId(n, i),
        customer_id: customer.id,
        survey_type: typeOf(n, i),
        score: typeOf(n, i) === "nps" ? (n * 3) % 11 : 1 + ((n + i) % 5),
        submitted_by_name: `Contact ${n}`,
        submitted_by_email: `contact${n}@company${n}.example`,
        submitted_at: instant(i * 40 + (n % 7) + 0.25),
        ...(i === 0 && hasUsedLink(n) && { submitted_via: "email_link", survey_link_id: link.id }),
        ...(i % 2 === 0 &&
          deployment && {
            product_deployment_id: deployment.id,
            product: deployment.product_name,
            feedback_text: "Great support, but the reports are slow at the end of the month.",
          }),
      },
      customer.company_name,
    ),
  );
