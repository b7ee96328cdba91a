import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { notFound, Problem } from "@success-manager/contract/problem";
import { type SurveyForm, surveyPage } from "@success-manager/contract/survey-page";
import { countSurveyCall } from "@success-manager/domain/rate-limit";
import { readLogo, themeCss } from "@success-manager/domain/settings";
import { PublicSurvey } from "@success-manager/domain/surveys";
import { serve } from "./site/serve.ts";
import { type FieldErrors, fieldErrorsOf, parseAnswer } from "./survey/answer.ts";
import { withSurveyErrorPages } from "./survey/error-pages.ts";
import { formPage } from "./survey/form.ts";
import { files } from "./survey/layout.ts";
import { answeredPage, expiredPage, revokedPage, thanksPage, unknownPage } from "./survey/link-pages.ts";

/** What the page shows beside the state of its link. */
interface PageContent {
  readonly typed?: SurveyForm;
  readonly errors?: FieldErrors;
  /** Whether the answer was given just now, on this page. */
  readonly thanked?: boolean;
}

/** The page of a link in its current state. */
async function pageOf(token: string, { typed, errors, thanked }: PageContent): Promise<RawReply> {
  const { status, survey } = await PublicSurvey.getLinkStatus(token);
  switch (status) {
    case "open":
      return formPage(survey, typed, errors);
    case "answered":
      return thanked ? thanksPage(survey.customer_name) : answeredPage(survey.customer_name);
    case "expired":
      return expiredPage(survey);
    case "revoked":
      return revokedPage(survey.customer_name);
    case "unknown":
      return unknownPage();
  }
}

/** Longest form that is shown again: five times what can be stored, so that people can shorten it. */
const MAX_FORM_LENGTH = 32_000;

const lengthOf = (form: SurveyForm) => Object.values(form).reduce((sum, { length }) => sum + length, 0);

/** Whether the survey page itself says why it was refused: for the state of its link, or for fields of the form. */
const hasPage = (error: unknown): error is Problem =>
  error instanceof Problem &&
  ([409, 410].includes(error.status) || Object.keys(fieldErrorsOf(error)).length > 0);

/** To the page by a new request, so that loading it again sends nothing twice (RFC 9110, 15.4.4). */
const redirectToThanks: RawReply = { headers: { location: "?thanks=1" }, body: "See ?thanks=1" };

async function submit(token: string, typed: SurveyForm): Promise<RawReply> {
  if (lengthOf(typed) > MAX_FORM_LENGTH) throw new Problem(413, "The answer is too long.");
  const parsed = parseAnswer(typed);
  if ("errors" in parsed) return pageOf(token, { typed, errors: parsed.errors });
  try {
    await PublicSurvey.respond(token, parsed.answer);
    return redirectToThanks;
  } catch (error) {
    if (!hasPage(error)) throw error;
    return pageOf(token, { typed, errors: fieldErrorsOf(error) });
  }
}

/** Logos and themes are named by what they hold. */
const FOR_GOOD = {
  "cache-control": "public, max-age=31536000, immutable",
  // A mail program or a page of another origin shows them.
  "cross-origin-resource-policy": "cross-origin",
};

export const handler = withSurveyErrorPages(
  serve(surveyPage, {
    open: async ({ params, query, meta }) => {
      await countSurveyCall(meta.sourceIp);
      return pageOf(params.token, { thanked: query.thanks !== undefined });
    },
    submit: async ({ params, form, meta }) => {
      await countSurveyCall(meta.sourceIp);
      return submit(params.token, form);
    },
    logo: async ({ params }) => {
      const picture = await readLogo(params.file);
      if (!picture) throw notFound("Logo");
      return { headers: { "content-type": "image/png", ...FOR_GOOD }, body: picture };
    },
    theme: async ({ params }) => ({
      headers: { "content-type": "text/css; charset=utf-8", ...FOR_GOOD },
      body: themeCss(`#${params.file.slice(0, 6)}`),
    }),
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
