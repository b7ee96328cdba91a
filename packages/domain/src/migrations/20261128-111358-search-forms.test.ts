import { searchForm } from "@success-manager/contract/text";
import fc from "fast-check";
import { expect, test } from "vitest";
import { searchForms } from "./20261128-111358-search-forms.ts";
import { testMigration } from "./fixture/test-migration.ts";

const interaction = { id: "i1", subject: "Über Łódź", description: "Straße", performed_by: "José Ünal" };
const survey = { id: "s1", feedback_text: "ＧＲＥＡＴ", submitted_by_name: "José" };
const link = { id: "l1", customer_name: "Café Ørsted", sent_to: "ada@example.com" };
const ticket = { id: "t1", number: "T-1", subject: "Größe", description: "…", category: "Straße" };

testMigration(searchForms, {
  "an interaction of the first versions": {
    entity: "interaction",
    before: { ...interaction, performer_key: "josé ünal", search_key: "über łódź\nstraße" },
    after: { ...interaction, performer_key: "jose unal", search_key: "uber lodz strasse" },
  },
  "an interaction that names a user": {
    entity: "interaction",
    before: {
      ...interaction,
      performed_by: "u1",
      performed_by_name: "Ada É",
      performer_key: "",
      search_key: "",
    },
    after: {
      ...interaction,
      performed_by: "u1",
      performed_by_name: "Ada É",
      performer_key: "ada e",
      search_key: "uber lodz strasse",
    },
  },
  "a response: the customer's name stands in its form alone": {
    entity: "survey",
    before: { ...survey, search_key: "ｇｒｅａｔ\njosé\n\ncafé ørsted" },
    after: { ...survey, search_key: "great jose cafe orsted" },
  },
  "a link without a form": {
    entity: "survey_link",
    before: link,
    after: { ...link, search_key: "cafe orsted ada@example.com" },
  },
  "a ticket": {
    entity: "ticket",
    before: { ...ticket, search_key: "t-1\ngröße\n…", category_key: "straße" },
    after: { ...ticket, search_key: "t-1 grosse ...", category_key: "strasse" },
  },
});

test("a form that was made of lower case is that of the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(searchForm(text.toLowerCase())).toBe(searchForm(text));
      expect(searchForm(searchForm(text))).toBe(searchForm(text));
    }),
    { numRuns: 2_000 },
  );
});
