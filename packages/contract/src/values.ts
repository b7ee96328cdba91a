import * as z from "zod";
import { emailKey, parseEmail } from "./email.ts";
import { cleanLine, cleanText, isVisible, searchForm } from "./text.ts";

const article = (noun: string) => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

/** Sentences for a person where zod's own talk about types; neither repeats what was sent. */
z.config({
  customError: (issue) => {
    if (issue.code !== "invalid_type" && issue.code !== "invalid_union" && issue.code !== "invalid_value")
      return undefined;
    if (issue.input === undefined) return "is required";
    return issue.code === "invalid_type" ? `must be ${article(String(issue.expected))}` : undefined;
  },
});

/** NUL and lone surrogates can't be stored or shown; everything else a person can type may pass. */
const storable = (text: string) => !text.includes("\u0000") && text.isWellFormed();
const STORABLE_ERROR = { error: "must not contain NUL or broken characters" };

const typed = (clean: (text: string) => string, max: number, min: number) =>
  z
    .string()
    .refine(storable, { ...STORABLE_ERROR, abort: true })
    .overwrite(clean)
    .min(min, tooShort(min))
    .max(max, `must be at most ${max} characters`)
    .refine((value) => min === 0 || value === "" || isVisible(value), tooShort(1));

/** A line that a person typed, cleaned (`text.ts`): `min` to `max` characters, at least one of them visible, no NUL. */
export const line = (max: number, min = 1) => typed(cleanLine, max, min);

/** Paragraphs that a person typed: like a line, and may have line breaks. */
export const text = (max: number, min = 1) => typed(cleanText, max, min);

const tooShort = (min: number) => (min === 1 ? "must not be empty" : `must be at least ${min} characters`);

/** What a list is searched for, in the form that is compared (`searchForm`). */
export const searchText = line(255)
  .transform(searchForm)
  .meta({ override: { type: "string", minLength: 1, maxLength: 255 } });

const optional = (typed: z.ZodType<string>, max: number) =>
  typed
    .nullable()
    .transform((value) => (value !== null && isVisible(value) ? value : null))
    .meta({ override: { type: ["string", "null"], maxLength: max } });

/** An optional field of a form: blank counts as null. */
export const optionalLine = (max: number) => optional(line(max, 0), max);
export const optionalText = (max: number) => optional(text(max, 0), max);

const BCRYPT_LIMIT = 72;
/** Far more than a password has, also where each accent is a character of its own. */
const MAX_TYPED = 1024;

/** A password that is compared, as it was typed. */
export const typedPassword = z.string().min(1, "must not be empty").max(MAX_TYPED);

/**
 * A new password: 8 characters to 72 bytes, which is all that bcrypt looks at. Never trimmed. In NFC (UAX #15):
 * keyboards differ in how they write an accent, and all must mean the same password.
 */
export const newPassword = z
  .string()
  .max(MAX_TYPED, `must be at most ${BCRYPT_LIMIT} bytes`)
  .refine(storable, STORABLE_ERROR)
  .transform((typed) => typed.normalize("NFC"))
  .pipe(
    z
      .string()
      .refine((value) => [...value].length >= 8, "must be at least 8 characters")
      .refine(
        (value) => new TextEncoder().encode(value).length <= BCRYPT_LIMIT,
        `must be at most ${BCRYPT_LIMIT} bytes`,
      ),
  )
  .meta({ override: { type: "string", format: "password", minLength: 8, maxLength: BCRYPT_LIMIT } });

/** An e-mail address as typed, without surrounding blanks and invisible characters; its domain may be international. */
export const email = z
  .string()
  .transform((typed, context) => {
    const parsed = parseEmail(typed);
    if (parsed.address !== undefined) return parsed.address;
    context.issues.push({ ...parsed.problem, input: typed });
    return z.NEVER;
  })
  .meta({ override: { type: "string", format: "email", maxLength: 254 } });

/** The first of values that are the same by what `keyOf` makes of them. */
export const distinctBy =
  <T>(keyOf: (value: T) => string) =>
  (values: readonly T[]): T[] => {
    const byKey = new Map<string, T>();
    for (const value of values) {
      const key = keyOf(value);
      if (!byKey.has(key)) byKey.set(key, value);
    }
    return [...byKey.values()];
  };

/** Addresses without repetition, however they are written: each as it came first. At most 50 (decision 19). */
export const recipients = (min: 0 | 1) =>
  z
    .array(email)
    .min(min, "must not be empty")
    .max(MAX_RECIPIENTS, `must be at most ${MAX_RECIPIENTS}`)
    .transform(distinctBy(emailKey))
    .meta({
      override: {
        type: "array",
        items: { type: "string", format: "email" },
        minItems: min,
        maxItems: MAX_RECIPIENTS,
      },
    });

const MAX_RECIPIENTS = 50;

const hasCredentials = (url: string) => {
  const { username = "", password = "" } = URL.parse(url) ?? {};
  return username !== "" || password !== "";
};

/** Where a picture is: a secure address that holds no name and password, because everybody is shown it. */
export const pictureAddress = line(500)
  .pipe(z.url({ protocol: /^https$/, error: "must be an https address" }))
  .refine((address) => !hasCredentials(address), "must not contain a name or a password")
  .meta({ override: { type: "string", format: "uri", maxLength: 500 } });

/** A whole number of a body. */
export const wholeNumber = (min: number, max: number) =>
  z.int("must be a whole number").min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

export const uuid = z
  .uuid("must be a UUID")
  .transform((value) => value.toLowerCase())
  .meta({ override: { type: "string", format: "uuid" } });

/** `YYYY-MM-DD` between 1900 and 2999. A midnight timestamp is accepted too, as date pickers send it. */
export const date = z
  .string()
  .transform((value) => value.replace(/T00:00(:00(\.0+)?)?(Z|\+00:00)?$/, ""))
  .pipe(
    z.iso
      .date({ error: "must be a date like 2026-01-31", abort: true })
      .refine((value) => value >= "1900" && value < "3000", "must lie between 1900 and 2999"),
  )
  .meta({ override: { type: "string", format: "date" } });

/** An instant, with `Z` or an offset; stored and answered in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, error: "must be a timestamp like 2026-01-31T08:00:00Z", abort: true })
  .refine((value) => value >= "1900" && value < "3000", "must lie between 1900 and 2999")
  .transform((value) => new Date(value).toISOString())
  .meta({ override: { type: "string", format: "date-time" } });

/** 13 integer digits and 2 decimals: what the amount column of the first system held. */
const AMOUNT = /^(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?$/;

/** An amount of money from 0 to 9 999 999 999 999.99, as number or decimal string; integer cents inside. */
export const amount = z
  .union([z.number(), z.string()], "must be a number or a decimal string")
  .transform(String)
  .pipe(z.string().trim().regex(AMOUNT, "must be 0 to 9999999999999.99 with at most 2 decimals"))
  .transform((decimal) => {
    const [units = "0", decimals = ""] = decimal.split(".");
    return Number(units) * 100 + Number(decimals.padEnd(2, "0"));
  })
  .meta({ override: { type: ["number", "string"], minimum: 0, examples: ["125000.00"] } });

/** Query parameters arrive as strings; these read them. */

/** A whole number of a query parameter. */
export const integer = (min: number, max: number) =>
  z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^[+-]?\d{1,15}$/)
          .transform(Number),
      ],
      "must be a whole number",
    )
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .meta({ override: { type: "integer", minimum: min, maximum: max } });

const TRUE = ["true", "1", "yes", "on", "t", "y"];
const FALSE = ["false", "0", "no", "off", "f", "n"];

/** A yes or no of a query parameter. */
export const flag = z
  .union(
    [
      z.boolean(),
      z
        .string()
        .toLowerCase()
        .pipe(z.enum([...TRUE, ...FALSE])),
    ],
    "must be true or false",
  )
  .transform((value) => value === true || TRUE.includes(String(value)))
  .meta({ override: { type: "boolean" } });

/** An instant and a date in responses. */
export const timestamp = z.iso.datetime({ precision: 3 }).meta({ description: "UTC with milliseconds" });
export const calendarDate = z.iso.date();
/** `"1234.50"`: exact to the cent. */
export const decimal = z.string().regex(/^\d+\.\d{2}$/);
export const count = z.int().min(0);
/** How many customers have left, beside figures that are about those who have not (decision 11). */
export const churnedCustomers = count.meta({
  description: "Customers who have left; no other figure counts them",
});
export const message = z.object({ message: z.string() }).meta({ id: "Message" });
export const revision = z.int().min(1).meta({ description: "Grows with each change; equals the ETag" });
