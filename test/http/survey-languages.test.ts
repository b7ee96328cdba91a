import { randomUUID } from "node:crypto";
import type { NewSurveyRequest, SurveyRequest } from "@success-manager/contract/survey-requests";
import { Language } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { lettersTo } from "../support/inbox.ts";
import { deploymentBody } from "../support/rows.ts";
import { FORM_BODY, sender } from "../support/send.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { manyCalls, surveyLink } from "../support/survey-link.ts";

let cloud: TestCloud;
let storage: Storage;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  storage = storageOf(cloud);
  api = cloud.manager.api;
});
beforeEach(() => storage.remove(manyCalls));
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});

const newAddress = () => `${randomUUID()}@example.com`;
const newCustomer = async (changes: object = {}) =>
  (await api.customers.create({ body: { company_name: `Company ${randomUUID()}`, ...changes } })).body();

type Sent = z.input<typeof NewSurveyRequest>;

/** One request to an address of its own, of a new customer. */
async function request(changes: Partial<Sent> = {}): Promise<SurveyRequest> {
  const customer_id = changes.customer_id ?? (await newCustomer()).id;
  const to = { target_type: "specific", target_email: newAddress() } as const;
  const body = { survey_type: "nps" as const, ...to, ...changes, customer_id };
  const [made] = (await api.surveyRequests.create({ body })).body();
  if (!made) throw new Error("nobody was asked");
  return made;
}

const letterOf = async ({ recipient_email }: SurveyRequest) => {
  const letters = await lettersTo(cloud.inboxUrl, recipient_email ?? "");
  expect(letters).toHaveLength(1);
  return {
    subject: letters[0]?.subject ?? "",
    html: letters[0]?.body.html ?? "",
    text: letters[0]?.body.text ?? "",
  };
};

const open = (token: string | null, query = "", headers: Readonly<Record<string, string>> = {}) =>
  sender(cloud.apiUrl)("GET", `/survey/${token}${query}`, { headers });
const submit = (token: string | null, fields: Readonly<Record<string, string>>, query = "") =>
  sender(cloud.apiUrl)("POST", `/survey/${token}${query}`, {
    headers: FORM_BODY,
    body: new URLSearchParams(fields).toString(),
  });
const languageOf = ({ text }: { readonly text: string }) =>
  /<html lang="(\w+)" dir="(\w+)">/.exec(text)?.slice(1).join(" ");

const NPS: Readonly<Record<Language, string>> = {
  en: "How likely are you to recommend MonetX to a friend or colleague?",
  de: "Wie wahrscheinlich ist es, dass Sie MonetX Freunden oder im Kollegenkreis weiterempfehlen?",
  fr: "Quelle est la probabilité que vous recommandiez MonetX à un ami ou à un collègue\u00a0?",
  es: "¿Qué probabilidad hay de que recomiende MonetX a un amigo o colega?",
  ar: "ما مدى احتمال أن توصوا صديقًا أو زميلًا باستخدام MonetX؟",
};
const MONTHS: Readonly<Record<Language, RegExp>> = {
  en: /\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d UTC/,
  de: /\d{1,2}\. [A-ZÄ][a-zä]+ \d{4} um \d\d:\d\d UTC/,
  fr: /\d{1,2}(er)? [a-zéû]+ \d{4} à \d\d:\d\d UTC/,
  es: /\d{1,2} de [a-z]+ de \d{4} a las \d\d:\d\d UTC/,
  ar: /\d{1,2} [\u0600-\u06ff]+ \d{4}.*\d\d:\d\d.*UTC/,
};

describe("a survey in a language", () => {
  it.each(Language.options)(
    "of %s is asked and answered in it, in the mail and on the page",
    async (language) => {
      const { id: customer_id } = await newCustomer();
      const { id } = (await api.deployments.create({ body: deploymentBody(customer_id) })).body();
      const made = await request({ customer_id, product_deployment_id: id, language });
      expect(made.language).toBe(language);
      const direction = language === "ar" ? "rtl" : "ltr";
      const { subject, html, text } = await letterOf(made);
      for (const part of [subject, html, text]) expect(part).toContain(NPS[language]);
      expect(html).toContain(`<html lang="${language}" dir="${direction}">`);
      expect(html).toMatch(MONTHS[language]);
      expect(text).toMatch(MONTHS[language]);

      // Whatever address and browser say: the person's own goes first.
      const page = await open(made.unique_survey_token, "?lang=en", { "accept-language": "en" });
      expect([page.status, languageOf(page)]).toEqual([200, `${language} ${direction}`]);
      expect(page.headers.get("content-language")).toBe(language);
      expect(/<h1>(.*?)<\/h1>/.exec(page.text)?.[1]).toBe(NPS[language]);
      expect(page.text).toMatch(MONTHS[language]);
      const refused = await submit(made.unique_survey_token, {});
      expect([refused.status, languageOf(refused)]).toEqual([422, `${language} ${direction}`]);
      expect((await submit(made.unique_survey_token, { score: "9" })).status).toBe(303);
      const thanks = await open(made.unique_survey_token, "?thanks=1");
      expect([thanks.status, languageOf(thanks)]).toEqual([200, `${language} ${direction}`]);
      const shown = (
        await cloud.stranger.portal.viewSurvey({ params: { token: made.unique_survey_token ?? "" } })
      ).body();
      expect(shown).toMatchObject({ question: NPS[language], language, is_completed: true });
    },
  );

  it("is refused in one that we don't speak", async () => {
    const { id: customer_id } = await newCustomer();
    const body = { customer_id, survey_type: "nps", language: "it" as "en" } as const;
    for (const answer of [await api.csat.createLink({ body }), await api.surveyRequests.create({ body })])
      expect([answer.status, answer.raw]).toEqual([
        422,
        expect.objectContaining({ detail: "language: must be one of en, de, fr, es, ar" }),
      ]);
  });
});

describe("a link of nobody's language", () => {
  it("is read in that of its address, then of the browser, then of the stage", async () => {
    const { token } = await surveyLink(cloud);
    const of = async (query: string, accepted?: string) =>
      languageOf(await open(token, query, accepted === undefined ? {} : { "accept-language": accepted }));
    expect(await of("?lang=es", "de")).toBe("es ltr");
    expect(await of("?lang=AR-eg", "de")).toBe("ar rtl");
    expect(await of("", "it, de-CH;q=0.9, fr;q=0.8")).toBe("de ltr");
    expect(await of("?lang=xx", "fr")).toBe("fr ltr");
    expect(await of("", "tlh")).toBe("en ltr");
    expect(await of("?lang=%22%3E%3Cscript%3E")).toBe("en ltr");
  });

  it("keeps that of its address while it is answered, also on pages that tell of failures", async () => {
    const { token } = await surveyLink(cloud);
    const page = await open(token, "?lang=ar");
    expect(page.text).toContain(`action="/survey/${token}?lang=ar"`);
    const incomplete = await submit(token, {}, "?lang=ar");
    expect([incomplete.status, languageOf(incomplete)]).toEqual([422, "ar rtl"]);
    const answer = { score: "9", submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    const failed = await submit(token, { ...answer, feedback_text: "x".repeat(33_000) }, "?lang=ar");
    expect([failed.status, languageOf(failed)]).toEqual([413, "ar rtl"]);
    const sent = await submit(token, answer, "?lang=ar");
    expect([sent.status, sent.headers.get("location")]).toEqual([303, "?thanks=1&lang=ar"]);
    const gone = await open("A".repeat(43), "", { "accept-language": "de" });
    expect([gone.status, languageOf(gone)]).toEqual([404, "de ltr"]);
  });
});

describe("who is known", () => {
  it("is asked in the language of the customer's contact, unless the request names another", async () => {
    const contact = { contact_email: newAddress(), contact_name: "Grace", contact_language: "fr" } as const;
    const { id: customer_id, contact_language } = await newCustomer(contact);
    expect(contact_language).toBe("fr");
    const asked = { customer_id, target_email: contact.contact_email.toUpperCase() };
    expect((await request(asked)).language).toBe("fr");
    expect((await request({ ...asked, language: "es" })).language).toBe("es");
    const body = { customer_id, survey_type: "nps", send_to: contact.contact_email } as const;
    expect((await api.csat.createLink({ body })).body()).toMatchObject({
      language: "fr",
      sent_to: contact.contact_email,
    });
    // Nobody else's.
    expect((await request({ customer_id })).language).toBeNull();
    const put = await api.customers.update({ params: { id: customer_id }, body: { contact_language: null } });
    expect(put.body().contact_language).toBeNull();
    expect((await request(asked)).language).toBeNull();
  });

  it("is asked anew in the language in which they were asked before", async () => {
    const { id: customer_id } = await newCustomer();
    const target_email = newAddress();
    await request({ customer_id, target_email, language: "ar" });
    // The list of a customer's requests is an index, which follows in a moment.
    await expect
      .poll(async () => {
        const body = { customer_id, survey_type: "nps", target_type: "all" } as const;
        const requests = (await api.surveyRequests.create({ body })).body();
        return requests.map(({ recipient_email, language }) => [recipient_email, language]);
      })
      .toEqual([[target_email, "ar"]]);
  });

  it("is shown and not asked where the link was mailed to them; an open link asks", async () => {
    const contact = { contact_email: newAddress(), contact_name: "Grace <b>Hopper</b>" };
    const { id: customer_id } = await newCustomer(contact);
    const made = await request({ customer_id, target_email: contact.contact_email });
    const { text } = await open(made.unique_survey_token);
    expect(text).toContain("You answer as <strong><bdi>Grace &lt;b&gt;Hopper&lt;/b&gt;</bdi></strong>");
    expect(text).toContain(contact.contact_email);
    expect(text).not.toContain('name="submitted_by');
    expect((await submit(made.unique_survey_token, { score: "3" })).status).toBe(303);
    const [stored] = (await storage.items("survey#")).filter((item) => item.survey_link_id === made.id);
    expect(stored).toMatchObject({
      score: 3,
      submitted_by_name: contact.contact_name,
      submitted_by_email: contact.contact_email,
    });

    const nameless = await request();
    expect((await open(nameless.unique_survey_token)).text).toContain(
      `You answer as <bdi>${nameless.recipient_email}</bdi>.`,
    );
    const { token } = await surveyLink(cloud);
    expect((await open(token)).text).toContain('name="submitted_by_email"');
    const refused = await submit(token, { score: "3" });
    expect(refused.status).toBe(422);
    expect([...refused.text.matchAll(/<li><a[^>]*>([^<]+)/g)].map(([, sentence]) => sentence)).toEqual([
      "Enter your name.",
      "Enter your e-mail address.",
    ]);
  });
});

describe("the buttons of the mail", () => {
  it.each([
    ["nps", 0, 10, [6, 5]],
    ["quarterly", 1, 5, [5]],
  ] as const)(
    "of %s are links for each score, in even rows, that choose it on the page",
    async (survey_type, min, max, rows) => {
      const made = await request({ survey_type });
      const { html } = await letterOf(made);
      const links = [...html.matchAll(/href="([^"]+)\?score=(\d+)"/g)].map(([, href, score]) => [
        href,
        Number(score),
      ]);
      expect(links).toEqual(Array.from({ length: max - min + 1 }, (_, n) => [made.survey_url, min + n]));
      const found = [...html.matchAll(/<tr>((?:<td class="score"[^>]*>.*?<\/td>\s*)+)<\/tr>/gs)].map(
        ([, row = ""]) => row,
      );
      expect(found.map((row) => [...row.matchAll(/\?score=/g)].length)).toEqual(rows);
      // One size: as many cells in every row.
      expect(new Set(found.map((row) => [...row.matchAll(/<td /g)].length)).size).toBe(1);
      const page = await open(made.unique_survey_token, `?score=${max}`);
      expect(
        [...page.text.matchAll(/value="(\d+)"[^>]* checked/g)].map(([, value]) => Number(value)),
      ).toEqual([max]);
      for (const odd of ["?score=11", "?score=x", "?score=", "?score=-1", "?score=9e9"])
        expect((await open(made.unique_survey_token, odd)).text).not.toContain(" checked");
    },
  );
});

describe("the page", () => {
  it("asks for the comment in words for each group of scores", async () => {
    const groups = ({ text }: { readonly text: string }) =>
      [...text.matchAll(/data-group="(\w+)"/g)].map(([, group]) => group?.[0]).join("");
    const questions = ({ text }: { readonly text: string }) =>
      [...text.matchAll(/<span class="ask (\w+)">/g)].map(([, group]) => group);
    const nps = await open((await surveyLink(cloud)).token);
    expect([groups(nps), questions(nps)]).toEqual(["lllllllmmhh", ["any", "low", "middle", "high"]]);
    const other = await open((await surveyLink(cloud, { survey_type: "onboarding" })).token);
    expect([groups(other), questions(other)]).toEqual(["lllhh", ["any", "low", "high"]]);
  });
});
