import * as z from "zod";
import { get, page, post, rawResponse } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";

/** Any text: a wrong token is answered with 404. */
const token = z.string();

export const reportPage = group(
  "report",
  "Pages for people who get reports by mail",
  {
    ask: get("/{token}/leave", {
      summary: "Ask a recipient whether to send no more of these reports",
      access: "public",
      params: { token },
      returns: page(),
      errors: [404, 429],
    }),
    leave: post("/{token}/leave", {
      // Mail providers send `List-Unsubscribe=One-Click`, as one of two kinds of form; pressing the button sends
      // nothing. Whatever comes, the address says all there is to say.
      summary:
        "Send a recipient no more of these reports: the button, or one click in a mail program (RFC 8058)",
      access: "public",
      params: { token },
      returns: page(),
      errors: [404, 409, 429],
    }),
    file: get("/{token}/file", {
      summary: "The PDF that was too large for a mail",
      access: "public",
      params: { token },
      returns: page(303),
      errors: [404, 429],
    }),
    tables: get("/{token}/tables", {
      summary: "The tables of a report as CSV, in a ZIP",
      access: "public",
      params: { token },
      returns: page(303),
      errors: [404, 429],
    }),
    asset: get("/assets/{file}", {
      summary: "Styles of the page",
      access: "public",
      params: { file: z.string().regex(/^[a-z0-9.-]{1,64}$/, "must be a file name") },
      returns: rawResponse("application/octet-stream"),
      errors: [404],
    }),
  },
  "/report",
);
