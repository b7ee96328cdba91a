import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { type ForgottenForm, type PasswordForm, passwordPage } from "@success-manager/contract/password-page";
import { Problem } from "@success-manager/contract/problem";
import { email as emailAddress, newPassword } from "@success-manager/contract/values";
import { countPasswordCall, takeLimits } from "@success-manager/domain/rate-limit";
import { Users } from "@success-manager/domain/users";
import {
  askPage,
  type FieldErrors,
  files,
  pageOf,
  sentPage,
  withPasswordErrorPages,
} from "./password/pages.ts";
import { openServe } from "./site/serve.ts";

/** To the page by a new request, so that loading it again sends nothing twice (RFC 9110, 15.4.4). */
const redirectToDone: RawReply = { headers: { location: "?done=1" }, body: "See ?done=1" };
const redirectToSent: RawReply = { headers: { location: "/password?sent=1" }, body: "See /password?sent=1" };

/** Reads what was typed: a password, or what is wrong with it. */
function parseForm({ password = "", repeated = "" }: PasswordForm): string | FieldErrors {
  const { data, error } = newPassword.safeParse(password);
  if (error) return { password: `Your password ${error.issues[0]?.message}.` };
  return data === repeated.normalize("NFC")
    ? data
    : { repeated: "The two passwords differ. Type both again." };
}

/** Takes down who has forgotten a password; says the same whoever that is. */
async function request({ email: typed = "" }: ForgottenForm, sourceIp: string): Promise<RawReply> {
  const { data, error } = emailAddress.safeParse(typed);
  if (error) return askPage({ typed, fault: `This address ${error.issues[0]?.message}.` });
  await Users.requestReset(data, sourceIp);
  return redirectToSent;
}

async function submit(token: string, form: PasswordForm): Promise<RawReply> {
  const parsed = parseForm(form);
  if (typeof parsed !== "string") return pageOf(await Users.getPasswordLink(token), { errors: parsed });
  try {
    await Users.setPassword(token, parsed, "password");
    return redirectToDone;
  } catch (error) {
    const refused = error instanceof Problem && error.errors?.[0];
    if (!refused) throw error;
    return pageOf(await Users.getPasswordLink(token), {
      errors: { password: `Your password ${refused.msg}.` },
    });
  }
}

export const handler = withPasswordErrorPages(
  openServe(takeLimits)(passwordPage, {
    ask: async ({ query, meta }) => {
      await countPasswordCall(meta.sourceIp);
      return query.sent === undefined ? askPage({}) : sentPage();
    },
    request: ({ form, meta }) => request(form, meta.sourceIp),
    open: async ({ params, query, meta }) => {
      await countPasswordCall(meta.sourceIp);
      return pageOf(await Users.getPasswordLink(params.token), { isDone: query.done !== undefined });
    },
    submit: async ({ params, form, meta }) => {
      await countPasswordCall(meta.sourceIp);
      return submit(params.token, form);
    },
    asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  }),
);
