/** What an item says of a person, and what is left of it without them. Pure. */
import { emailKey } from "@success-manager/contract/email";
import { searchForm } from "@success-manager/contract/text";
import type { PersonalDataWork } from "../table/index.ts";

type Item = Readonly<Record<string, unknown>>;

export const ERASED = "[erased]";
/** Of a comment that is quoted elsewhere: whatever begins like it goes whole. */
const QUOTED = 30;
/** A shorter name is part of too many words. */
const SHORTEST_NAME = 5;

/** Whom a run looks for, with what it knows by now. */
export type Person = Pick<
  PersonalDataWork,
  "email" | "user_id" | "names" | "customers" | "links" | "surveys" | "texts"
>;

const isTheirs = (person: Person, address: unknown): boolean =>
  person.email !== undefined && typeof address === "string" && emailKey(address) === emailKey(person.email);

/** Attributes that are no texts of people: keys, words of ours, figures. */
const NO_TEXT =
  /(^id$|_id$|_at$|_key$|^(status|state|kind|revision|secrets?|token_hash|condition|written_by)$)/;
const SEARCHED = /^(search_key|performer_key)$/;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a text says something of a person. */
export function createMatcher(person: Person): (text: string) => boolean {
  const email = person.email?.toLowerCase();
  const names = person.names.filter((name) => name.length >= SHORTEST_NAME).map((name) => name.toLowerCase());
  const quotes = person.texts.map((text) => text.slice(0, QUOTED).toLowerCase());
  return (text) => {
    const lower = text.toLowerCase();
    return (
      (email !== undefined && lower.includes(email)) ||
      names.some((name) => lower.includes(name)) ||
      quotes.some((quote) => quote !== "" && lower.includes(quote))
    );
  };
}

/** A text without the person: their address and name are replaced, a quoted comment goes with all around it. */
function redact(text: string, person: Person, withNames: boolean, isSearched: boolean): string {
  const quotes = withNames ? person.texts.map((one) => one.slice(0, QUOTED)) : [];
  const shown = (one: string) => (isSearched ? searchForm(one) : one);
  const lower = text.toLowerCase();
  if (quotes.some((quote) => quote !== "" && lower.includes(shown(quote).toLowerCase())))
    return isSearched ? "" : ERASED;
  const needles = [
    ...(person.email === undefined ? [] : [person.email]),
    ...(withNames ? person.names.filter((name) => name.length >= SHORTEST_NAME) : []),
  ];
  return needles.reduce(
    (rest, needle) => rest.replace(new RegExp(escaped(shown(needle)), "giu"), isSearched ? "" : ERASED),
    text,
  );
}

function redacted(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => redacted(one, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      NO_TEXT.test(name) ? inner : redacted(inner, change),
    ]),
  );
}

const without = (values: Item, ...names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

/** What an item tells of a person whom it is about: as whom they are known, and where else to look. */
export interface Finding {
  readonly names?: readonly unknown[];
  readonly customer?: unknown;
  readonly link?: unknown;
  readonly survey?: unknown;
  readonly text?: unknown;
}

/** What an item has to do with a person; undefined when it is not about them. */
export function findingOf(entity: string, item: Item, person: Person): Finding | undefined {
  const { customer_id: customer } = item;
  switch (entity) {
    case "customer":
      return isTheirs(person, item.contact_email)
        ? { names: [item.contact_name], customer: item.id }
        : undefined;
    case "survey_link":
      return isTheirs(person, item.sent_to)
        ? { names: [item.recipient_name], customer, link: item.id, survey: item.response_id }
        : undefined;
    case "survey": {
      const isOfLink = person.links.includes(String(item.survey_link_id));
      if (
        !isOfLink &&
        !isTheirs(person, item.submitted_by_email) &&
        !person.surveys.includes(String(item.id))
      )
        return undefined;
      return { names: [item.submitted_by_name], customer, survey: item.id, text: item.feedback_text };
    }
    case "ticket":
      return isTheirs(person, item.requester_email) ? { names: [item.requester_name], customer } : undefined;
    case "user":
    case "teammate":
      return item.id === person.user_id ? { names: [item.full_name] } : undefined;
    case "api_key":
      return item.created_by_id === person.user_id ? {} : undefined;
    default:
      return undefined;
  }
}

/**
 * An item without a person; undefined when it says nothing of them.
 *
 * @param companyName of the item's customer, where it is known
 */
export function erasedItem(
  entity: string,
  values: Item,
  person: Person,
  now: string,
  companyName = "",
): Item | undefined {
  const finding = findingOf(entity, values, person);
  // Comments are asked for by the tickets of these customers.
  const isOfCustomer =
    entity === "ticket_comment" || person.customers.includes(String(values.customer_id ?? values.id));
  const withNames = isOfCustomer || person.user_id !== undefined || finding !== undefined;
  let after: Item = values;
  if (finding) after = withoutPerson(entity, values, person, now, companyName);
  if (entity === "report_schedule" || entity === "report") after = withoutRecipient(entity, after, person);
  if (entity === "suppression" && isTheirs(person, values.email)) after = { ...after, email: ERASED };
  after = Object.fromEntries(
    Object.entries(after).map(([name, value]) => {
      const isSearched = SEARCHED.test(name);
      if (NO_TEXT.test(name) && !isSearched) return [name, value];
      return [name, redacted(value, (text) => redact(text, person, withNames, isSearched))];
    }),
  );
  if (JSON.stringify(after) === JSON.stringify(values)) return undefined;
  return {
    ...after,
    ...(typeof values.revision === "number" && { revision: values.revision + 1 }),
    // Copies in memory notice a row by that.
    ...(typeof values.changed_at === "string" && { changed_at: now }),
  };
}

function withoutPerson(entity: string, values: Item, person: Person, now: string, companyName: string): Item {
  switch (entity) {
    case "customer":
      return without(values, "contact_name", "contact_email", "contact_phone", "contact_language");
    case "survey_link": {
      const isOpen = !values.answered_at && !values.revoked_at;
      return {
        ...without(
          values,
          "sent_to",
          "recipient_name",
          "custom_message",
          "mail_error",
          "message_id",
          "mail_id",
        ),
        search_key: searchForm(String(values.customer_name)),
        // Nobody may answer in their place.
        ...(isOpen && { revoked_at: now, due_key: "" }),
      };
    }
    case "survey":
      return {
        ...without(values, "submitted_by_email", "feedback_text"),
        submitted_by_name: ERASED,
        search_key: searchForm(companyName),
      };
    case "ticket":
      return without(values, "requester_name", "requester_email");
    case "user":
      return {
        ...without(values, "phone", "avatar", "second_factor_at"),
        full_name: ERASED,
        email: `${person.user_id}@erased.invalid`,
        is_active: false,
      };
    case "api_key":
      return { ...values, created_by: ERASED };
    case "teammate":
      return { ...values, full_name: ERASED, email: `${person.user_id}@erased.invalid`, is_active: false };
    default:
      return values;
  }
}

function withoutRecipient(entity: string, values: Item, person: Person): Item {
  if (entity === "report_schedule" && Array.isArray(values.recipients)) {
    const recipients = values.recipients.filter((one) => !isTheirs(person, one));
    if (recipients.length === values.recipients.length) return values;
    // As when they all unsubscribe.
    return { ...values, recipients, ...(recipients.length === 0 && { is_active: false }) };
  }
  if (entity === "report" && Array.isArray(values.deliveries)) {
    const deliveries = values.deliveries.map((one: Item) =>
      isTheirs(person, one.recipient) ? { ...one, recipient: ERASED } : one,
    );
    return { ...values, deliveries };
  }
  return values;
}

/** Whether a report may name a person: it was made in their time, of all customers or of one whose contact they are. */
export function mayName(
  report: Item,
  { customers, since }: Pick<PersonalDataWork, "customers" | "since">,
): boolean {
  if (since === undefined || customers.length === 0 || typeof report.file_path !== "string") return false;
  const { customer_id } = (report.filters ?? {}) as Item;
  const isAbout = customer_id === undefined || customers.includes(String(customer_id));
  return isAbout && String(report.generated_at ?? report.created_at) >= since;
}
