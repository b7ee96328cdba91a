import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { type ForgottenForm, type PasswordForm, passwordPage } from "@success-manager/contract/password-page";
import { Problem } from "@success-manager/contract/problem";
import { email as emailAddress, newPassword } from "@success-manager/contract/values";
import { countPasswordCall, takeLimits } from "@success-manager/domain/rate-limit";
import { Users, weaknessSaid } from "@success-manager/domain/users";
import {
  askPage,
  type FieldErrors,
  files,
  pageOf,
  type Reader,
  readerOf,
  sentPage,
  withPasswordErrorPages,
} from "./password/pages.ts";
import { openServe } from "./site/serve.ts";

/** To the page by a new request, so that loading it again sends nothing twice (RFC 9110, 15.4.4). */
const redirectToDone: RawReply = { headers: { location: "?done=1" }, body: "See ?done=1" };
const redirectToSent: RawReply = { headers: { location: "/password?sent=1" }, body: "See /password?sent=1" };

/** Reads what was typed: a password, or what is wrong with it. */
function parseForm({ password = "", repeated = "" }: PasswordForm): string | FieldErrors {
  const { data } = newPassword.safeParse(password);
  if (data === undefined) return { password: [...password].length < 8 ? "short" : "long" };
  return data === repeated.normalize("NFC") ? data : { repeated: "differ" };
}

/** Takes down who has forgotten a password; says the same whoever that is. */
async function request(
  reader: Reader,
  { email: typed = "" }: ForgottenForm,
  sourceIp: string,
): Promise<RawReply> {
  const { data } = emailAddress.safeParse(typed);
  if (data === undefined) return askPage(reader, { typed, isWrong: true });
  await Users.requestReset(data, sourceIp);
  return redirectToSent;
}

async function submit(reader: Reader, token: string, form: PasswordForm): Promise<RawReply> {
  const parsed = parseForm(form);
  if (typeof parsed !== "string")
    return pageOf(reader, await Users.getPasswordLink(token), { errors: parsed });
  try {
    await Users.setPassword(token, parsed, "password");
    return redirectToDone;
  } catch (error) {
    const weakness = error instanceof Problem && weaknessSaid(error.errors?.[0]?.msg ?? "");
    if (!weakness) throw error;
    return pageOf(reader, await Users.getPasswordLink(token), { errors: { password: weakness } });
  }
}

export const handler = withPasswordErrorPages(
  openServe(takeLimits)(passwordPage, {
    ask: async ({ query, meta }) => {
      await countPasswordCall(meta.sourceIp);
      const reader = readerOf(meta.headers);
      return query.sent === undefined ? askPage(reader, {}) : sentPage(reader);
    },
    request: ({ form, meta }) => request(readerOf(meta.headers), form, meta.sourceIp),
    open: async ({ params, query, meta }) => {
      await countPasswordCall(meta.sourceIp);
      const found = await Users.getPasswordLink(params.token);
      return pageOf(readerOf(meta.headers), found, { isDone: query.done !== undefined });
    },
    submit: async ({ params, form, meta }) => {
      await countPasswordCall(meta.sourceIp);
      return submit(readerOf(meta.headers), params.token, form);
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
