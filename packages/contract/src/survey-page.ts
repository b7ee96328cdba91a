import * as z from "zod";
import { get, page, post, rawResponse } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";

const field = z.string().optional();

/** The form as a browser sends it, with whatever was typed; the page says itself what is wrong with it. */
export const SurveyForm = z.object({
  score: field,
  feedback_text: field,
  submitted_by_name: field,
  submitted_by_email: field,
});
export type SurveyForm = z.infer<typeof SurveyForm>;

/** Any text: a wrong token is answered with 404. */
const token = z.string();

/** Any text: what is none of our languages is ignored. */
const lang = z
  .string()
  .optional()
  .meta({ description: "Language of the page, where the link has none of its own: en, de, fr, es or ar" });

export const surveyPage = group(
  "survey",
  "The page on which people answer a survey",
  {
    open: get("/{token}", {
      summary: "Open the survey of a link",
      access: "public",
      params: { token },
      query: z.object({
        lang,
        score: z.string().optional().meta({
          description: "Is chosen when the page opens, as the buttons of the mail say; nothing is recorded",
        }),
        thanks: z.string().optional().meta({ description: "Set by the page itself, after an answer" }),
      }),
      returns: page(),
      errors: [404, 409, 410, 429],
    }),
    submit: post("/{token}", {
      summary: "Send the form of the page",
      access: "public",
      params: { token },
      query: z.object({ lang }),
      form: SurveyForm,
      returns: page(303),
      errors: [404, 409, 410, 429],
    }),
    logo: get("/logos/{file}", {
      summary: "The logo of who asks, in pages and mails",
      access: "public",
      params: { file: z.string().regex(/^[0-9a-f]{64}\.png$/, "must be the name of a logo") },
      returns: rawResponse("image/png"),
      errors: [404],
    }),
    theme: get("/themes/{file}", {
      summary: "The colors of the page, made of one",
      access: "public",
      params: { file: z.string().regex(/^[0-9a-f]{6}\.css$/, "must be a color such as 1f6f50.css") },
      returns: rawResponse("text/css; charset=utf-8"),
    }),
    opened: post("/{token}/opened", {
      // By the page's script, when somebody looks at it. Whoever fetches the address alone, such as a scanner of mails or a
      // browser that guesses what is read next, leaves no trace.
      summary: "Note that somebody looks at the survey, the first time",
      access: "public",
      params: { token },
      returns: rawResponse("text/plain"),
      errors: [404, 429],
    }),
    leave: get("/{token}/unsubscribe", {
      summary: "Ask the recipient of a survey whether to send no more of them",
      access: "public",
      params: { token },
      query: z.object({ lang }),
      returns: page(),
      errors: [404, 429],
    }),
    unsubscribe: post("/{token}/unsubscribe", {
      // Whatever comes with it, the address says all there is to say; see `leave` of the group `report`.
      summary:
        "Send the recipient's address no more surveys: the button, or one click in a mail program (RFC 8058)",
      access: "public",
      params: { token },
      query: z.object({ lang }),
      returns: page(),
      errors: [404, 409, 429],
    }),
    asset: get("/assets/{file}", {
      summary: "Scripts and styles of the page",
      access: "public",
      params: { file: z.string().regex(/^[a-z0-9.-]{1,64}$/, "must be a file name") },
      returns: rawResponse("application/octet-stream"),
      errors: [404],
    }),
  },
  "/survey",
);
