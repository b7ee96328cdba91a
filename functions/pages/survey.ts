import type { RawReply, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { notFound, Problem } from "@success-manager/contract/problem";
import { type SurveyForm, surveyPage } from "@success-manager/contract/survey-page";
import { parseLanguage } from "@success-manager/domain/messages";
import { countSurveyCall, takeLimits } from "@success-manager/domain/rate-limit";
import { readLogo, themeCss } from "@success-manager/domain/settings";
import { PublicSurvey, type Subscription } from "@success-manager/domain/surveys";
import { openServe } from "./site/serve.ts";
import { type FieldErrors, fieldErrorsOf, parseAnswer } from "./survey/answer.ts";
import { withSurveyErrorPages } from "./survey/error-pages.ts";
import { formPage } from "./survey/form.ts";
import { files, readerOf } from "./survey/layout.ts";
import {
  answeredPage,
  expiredPage,
  revokedPage,
  subscriptionPage,
  thanksPage,
  unknownPage,
} from "./survey/link-pages.ts";

/** A link, and what its reader says of themselves. */
interface Opened {
  readonly token: string;
  readonly lang: string | undefined;
  readonly headers: RequestMeta["headers"];
}

/** What the page shows beside the state of its link. */
interface PageContent {
  readonly typed?: SurveyForm;
  readonly errors?: FieldErrors;
  /** Whether the answer was given just now, on this page. */
  readonly thanked?: boolean;
}

const addressOf = (token: string) => `/survey/${encodeURIComponent(token)}`;

/** The page of a link in its current state. It notes nothing: who fetches it may be no person. */
async function pageOf(opened: Opened, { typed, errors, thanked }: PageContent): Promise<RawReply> {
  const { status, survey, ...link } = await PublicSurvey.getLinkStatus(opened.token);
  const reader = await readerOf(opened, survey?.language);
  switch (status) {
    case "open":
      return formPage(
        reader,
        { survey, recipient: undefined, isOpened: true, ...link },
        addressOf(opened.token),
        typed,
        errors,
      );
    case "answered":
      return thanked ? thanksPage(reader, survey.customer_name) : answeredPage(reader, survey.customer_name);
    case "expired":
      return expiredPage(reader, survey);
    case "revoked":
      return revokedPage(reader, survey.customer_name);
    case "unknown":
      return unknownPage(reader);
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
function redirectToThanks(lang: string | undefined): RawReply {
  const language = parseLanguage(lang);
  const location = language === undefined ? "?thanks=1" : `?thanks=1&lang=${language}`;
  return { headers: { location }, body: `See ${location}` };
}

async function submit(opened: Opened, typed: SurveyForm): Promise<RawReply> {
  if (lengthOf(typed) > MAX_FORM_LENGTH) throw new Problem(413, "The answer is too long.");
  const parsed = parseAnswer(typed);
  if ("errors" in parsed) return pageOf(opened, { typed, errors: parsed.errors });
  try {
    await PublicSurvey.respond(opened.token, parsed.answer);
    return redirectToThanks(opened.lang);
  } catch (error) {
    if (!hasPage(error)) throw error;
    return pageOf(opened, { typed, errors: { ...fieldErrorsOf(error), ...parsed.missing } });
  }
}

/** Logos and themes are named by what they hold. */
const FOR_GOOD = {
  "cache-control": "public, max-age=31536000, immutable",
  // A mail program or a page of another origin shows them.
  "cross-origin-resource-policy": "cross-origin",
};

async function subscriptionOf(opened: Opened, subscription: Subscription): Promise<RawReply> {
  return subscriptionPage(await readerOf(opened, subscription.language), subscription);
}

interface Called {
  readonly params: { readonly token: string };
  readonly query: { readonly lang?: string | undefined };
  readonly meta: RequestMeta;
}

const openedBy = ({ params: { token }, query: { lang }, meta: { headers } }: Called): Opened => ({
  token,
  lang,
  headers,
});

export const handler = withSurveyErrorPages(
  openServe(takeLimits)(surveyPage, {
    open: async (call) => {
      const { score, thanks } = call.query;
      await countSurveyCall(call.meta.sourceIp);
      return pageOf(openedBy(call), {
        thanked: thanks !== undefined,
        ...(score !== undefined && { typed: { score } }),
      });
    },
    submit: async (call) => {
      await countSurveyCall(call.meta.sourceIp);
      return submit(openedBy(call), call.form);
    },
    opened: async ({ params, meta }) => {
      await countSurveyCall(meta.sourceIp);
      await PublicSurvey.noteLook(params.token);
      return {
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
        body: "noted",
      };
    },
    leave: async (call) => {
      await countSurveyCall(call.meta.sourceIp);
      return subscriptionOf(openedBy(call), await PublicSurvey.getSubscription(call.params.token));
    },
    unsubscribe: async (call) => {
      await countSurveyCall(call.meta.sourceIp);
      return subscriptionOf(openedBy(call), await PublicSurvey.unsubscribe(call.params.token));
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
