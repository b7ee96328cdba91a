import * as z from "zod";
import { get, page, post, rawResponse } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";

const field = z.string().optional();

/** The form as a browser sends it; the page says itself what is wrong with it. */
export const PasswordForm = z.object({ password: field, repeated: field });
export type PasswordForm = z.infer<typeof PasswordForm>;

export const ForgottenForm = z.object({ email: field });
export type ForgottenForm = z.infer<typeof ForgottenForm>;

/** Any text: a wrong token is answered with 404. */
const token = z.string();

export const passwordPage = group(
  "password",
  "Pages on which people ask for a link to set a password, and set it",
  {
    ask: get("/", {
      summary: "Open the page for those who have forgotten their password",
      access: "public",
      query: z.object({
        sent: z.string().optional().meta({ description: "Set by the page itself, after it was sent" }),
      }),
      returns: page(),
      errors: [429],
    }),
    request: post("/", {
      summary: "Ask for a link to set another password",
      access: "public",
      form: ForgottenForm,
      returns: page(303),
      errors: [429],
    }),
    open: get("/{token}", {
      summary: "Open the page of a link",
      access: "public",
      params: { token },
      query: z.object({
        done: z.string().optional().meta({ description: "Set by the page itself, after a password was set" }),
      }),
      returns: page(),
      errors: [404, 409, 410, 429],
    }),
    submit: post("/{token}", {
      summary: "Send the form of the page",
      access: "public",
      params: { token },
      form: PasswordForm,
      returns: page(303),
      errors: [404, 409, 410, 429],
    }),
    asset: get("/assets/{file}", {
      summary: "Styles of the page",
      access: "public",
      params: { file: z.string().regex(/^[a-z0-9.-]{1,64}$/, "must be a file name") },
      returns: rawResponse("application/octet-stream"),
      errors: [404],
    }),
  },
  "/password",
);
