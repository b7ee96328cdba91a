import fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";
import { CustomerFilter, NewCustomer, ScoreHistoryFilter } from "./customers.ts";
import {
  amount,
  date,
  email,
  flag,
  instant,
  integer,
  newPassword,
  optionalText,
  text,
  uuid,
} from "./values.ts";

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const messages = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message);

test("an amount is exact to the cent, as number or decimal string", () => {
  expect(amount.parse("125000.5")).toBe(12_500_050);
  expect(amount.parse(0.1)).toBe(10);
  expect(amount.parse("9999999999999.99")).toBe(999_999_999_999_999);
  expect(amount.parse(0)).toBe(0);
});

test.each([1e15, "1e3", -1, "-0.01", 0.001, "12.345", "01.50", "", "abc", Number.NaN, true, null])(
  "%o is no amount",
  (value) => expect(accepts(amount, value)).toBe(false),
);

test("a date is a day that exists, and a midnight timestamp counts as one", () => {
  expect(date.parse("2028-02-29")).toBe("2028-02-29");
  expect(date.parse("2026-01-31T00:00:00.000Z")).toBe("2026-01-31");
});

test.each([
  "2026-02-29",
  "2026-1-1",
  "31.01.2026",
  "1899-12-31",
  "3000-01-01",
  "2026-01-31T08:00:00Z",
  20260131,
])("%o is no date", (value) => expect(accepts(date, value)).toBe(false));

test("an instant needs an offset and is kept in UTC", () => {
  expect(instant.parse("2026-01-31T09:00:00+01:00")).toBe("2026-01-31T08:00:00.000Z");
  expect(accepts(instant, "2026-01-31T09:00:00")).toBe(false);
});

test("a whole number of a query is read from its digits, within its bounds", () => {
  const limit = integer(1, 100);
  expect(limit.parse("20")).toBe(20);
  for (const value of ["0", "101", "1.5", "1e30", "-1", "", " 5", "abc"])
    expect(accepts(limit, value)).toBe(false);
});

test("a yes or no of a query has several spellings", () => {
  expect(["true", "1", "Yes", "ON", true].map((value) => flag.parse(value))).toEqual(Array(5).fill(true));
  expect(["false", "0", "No", "off", false].map((value) => flag.parse(value))).toEqual(Array(5).fill(false));
  expect(messages(flag, "maybe")).toEqual(["must be true or false"]);
});

test("text is trimmed, bounded and free of NUL and broken characters", () => {
  expect(text(5).parse("  Łódź ")).toBe("Łódź");
  expect(messages(text(5), "   ")).toEqual(["must not be empty"]);
  expect(messages(text(5), "123456")).toEqual(["must be at most 5 characters"]);
  expect(messages(text(5), "a\u0000b")).toEqual(["must not contain NUL or broken characters"]);
  expect(messages(text(5), "a\ud800")).toEqual(["must not contain NUL or broken characters"]);
});

test("a blank optional field of a form counts as cleared", () => {
  expect(optionalText(10).parse("  ")).toBeNull();
  expect(optionalText(10).parse(null)).toBeNull();
});

test("a password has 8 characters to 72 bytes and is not trimmed", () => {
  expect(newPassword.parse(" 2345678 ")).toBe(" 2345678 ");
  expect(accepts(newPassword, "1234567")).toBe(false);
  expect(accepts(newPassword, "ü".repeat(36))).toBe(true);
  expect(accepts(newPassword, "ü".repeat(37))).toBe(false);
});

test("a password is kept in NFC, in which its length is counted", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 8, maxLength: 30 }), (typed) => {
      const forms = [typed, typed.normalize("NFC"), typed.normalize("NFD")].map((form) =>
        newPassword.safeParse(form),
      );
      expect(new Set(forms.map(({ data }) => data)).size).toBe(1);
      for (const { data } of forms) if (data !== undefined) expect(data).toBe(data.normalize("NFC"));
    }),
  );
  expect(accepts(newPassword, "🐎".repeat(7))).toBe(false);
  expect(accepts(newPassword, "🐎".repeat(8))).toBe(true);
});

test("addresses are trimmed and ids are written in lower case", () => {
  expect(email.parse(" Ada@Example.com ")).toBe("Ada@Example.com");
  expect(accepts(email, "ada")).toBe(false);
  expect(uuid.parse("0B0E3D3A-6F0C-4B5E-9D51-7A1E7F4B2C11")).toBe("0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11");
});

test("a logo is an https address", () => {
  const logo = (logo_url: unknown) => accepts(NewCustomer, { company_name: "Acme", logo_url });
  expect(logo("https://example.com/logo.png")).toBe(true);
  expect(logo("http://example.com/logo.png")).toBe(false);
  expect(logo("javascript:alert(1)")).toBe(false);
  expect(logo("https://example.com/@ada:logo?u=ada:pw@example.com")).toBe(true);
});

test.each([
  "https://ada:pw@example.com/logo.png",
  "https://ada@example.com/logo.png",
  "https://:pw@example.com/logo.png",
  "HTTPS://ada:pw@example.com",
  "https://ada%3Apw@example.com",
  "https:\\\\ada:pw@example.com",
  "https:ada:pw@example.com",
])("a logo's address holds no credentials: %s", (logo_url) => {
  const { error } = NewCustomer.safeParse({ company_name: "Acme", logo_url });
  expect(error?.issues.map(({ message }) => message)).toEqual([
    expect.stringMatching(/a name or a password|https address/),
  ]);
});

test("messages never repeat what was sent", () => {
  const secret = "s3cret-value";
  const refused = NewCustomer.safeParse({
    company_name: 7,
    status: secret,
    contact_email: secret,
    notes: [secret],
  });
  expect(refused.success).toBe(false);
  expect(JSON.stringify(refused.error?.issues.map(({ message }) => message))).not.toContain(secret);
});

test("what is missing is called required", () => {
  expect(messages(NewCustomer, {})).toEqual(["is required"]);
});

test.each([
  { skip: "-1" },
  { skip: "1e30" },
  { limit: "0" },
  { limit: "1e3" },
  { sort_by: "password" },
  { sort_order: "up" },
  { search: "a\u0000" },
])("a customer list refuses %o", (query) => expect(accepts(CustomerFilter, query)).toBe(false));

test("a list has a usual order and page", () => {
  expect(CustomerFilter.parse({})).toEqual({
    skip: 0,
    limit: 100,
    sort_by: "created_at",
    sort_order: "desc",
  });
});

test("a date range must not be inverted", () => {
  expect(accepts(ScoreHistoryFilter, { start_date: "2026-01-01", end_date: "2026-01-01" })).toBe(true);
  expect(messages(ScoreHistoryFilter, { start_date: "2026-01-02", end_date: "2026-01-01" })).toEqual([
    "must not be before start_date",
  ]);
});
