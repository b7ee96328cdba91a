import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { type PasswordForm, passwordPage } from "@success-manager/contract/password-page";
import { Problem } from "@success-manager/contract/problem";
import { newPassword } from "@success-manager/contract/values";
import { countPasswordCall, takeLimits } from "@success-manager/domain/rate-limit";
import { Users } from "@success-manager/domain/users";
import { type FieldErrors, files, pageOf, withPasswordErrorPages } from "./password/pages.ts";
import { openServe } from "./site/serve.ts";

/** To the page by a new request, so that loading it again sends nothing twice (RFC 9110, 15.4.4). */
const redirectToDone: RawReply = { headers: { location: "?done=1" }, body: "See ?done=1" };

/** Reads what was typed: a password, or what is wrong with it. */
function parseForm({ password = "", repeated = "" }: PasswordForm): string | FieldErrors {
  const { data, error } = newPassword.safeParse(password);
  if (error) return { password: `Your password ${error.issues[0]?.message}.` };
  return data === repeated.normalize("NFC")
    ? data
    : { repeated: "The two passwords differ. Type both again." };
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
