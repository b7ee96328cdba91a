import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import { type SurveyForm, surveyPage } from "@success-manager/contract/survey-page";
import { countSurveyCall } from "@success-manager/domain/rate-limit";
import { PublicSurvey } from "@success-manager/domain/surveys";
import { serve } from "./site/serve.ts";
import { answerOf, type Faults, faultsOf } from "./survey/answer.ts";
import { withPages } from "./survey/failure.ts";
import { files } from "./survey/files.ts";
import { formPage } from "./survey/form.ts";
import { answered, expired, revoked, thanks, unknown } from "./survey/state.ts";

/** What is shown beside the state of a link. */
interface Shown {
  readonly typed?: SurveyForm;
  readonly faults?: Faults;
  /** Whether the answer was given just now, on this page. */
  readonly thanked?: boolean;
}

/** The page of a link as it stands. */
async function current(token: string, { typed, faults, thanked }: Shown): Promise<RawReply> {
  const { status, survey } = await PublicSurvey.getLinkStatus(token);
  switch (status) {
    case "open":
      return formPage(survey, typed, faults);
    case "answered":
      return thanked ? thanks(survey.customer_name) : answered(survey.customer_name);
    case "expired":
      return expired(survey);
    case "revoked":
      return revoked(survey.customer_name);
    case "unknown":
      return unknown();
  }
}

/** Longest form that is shown again: five times what can be stored, so that people can shorten it. */
const LONGEST_FORM = 32_000;

const lengthOf = (form: SurveyForm) => Object.values(form).reduce((sum, { length }) => sum + length, 0);

/** Refused for what became of the link, or for fields of the form: then its page says so. */
const isShown = (error: unknown): error is Problem =>
  error instanceof Problem && ([409, 410].includes(error.status) || Object.keys(faultsOf(error)).length > 0);

/** To the page by a new request, so that loading it again sends nothing twice (RFC 9110, 15.4.4). */
const seeThanks: RawReply = { headers: { location: "?thanks=1" }, body: "See ?thanks=1" };

async function submit(token: string, typed: SurveyForm): Promise<RawReply> {
  if (lengthOf(typed) > LONGEST_FORM) throw new Problem(413, "The answer is too long.");
  const read = answerOf(typed);
  if ("faults" in read) return current(token, { typed, faults: read.faults });
  try {
    await PublicSurvey.respond(token, read.answer);
    return seeThanks;
  } catch (error) {
    if (!isShown(error)) throw error;
    return current(token, { typed, faults: faultsOf(error) });
  }
}

export const handler = withPages(
  serve(surveyPage, {
    open: async ({ params, query, meta }) => {
      await countSurveyCall(meta.sourceIp);
      return current(params.token, { thanked: query.thanks !== undefined });
    },
    submit: async ({ params, form, meta }) => {
      await countSurveyCall(meta.sourceIp);
      return submit(params.token, form);
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
