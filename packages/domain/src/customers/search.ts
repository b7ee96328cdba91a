import type { FoundCustomer } from "@success-manager/contract/customers";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { customersBy } from "./columns.ts";
import { shown } from "./shown.ts";

/** How well a name fits, best first. */
const FITS = ["is it", "starts with it", "has a word that starts with it", "has it anywhere"] as const;
type Fit = (typeof FITS)[number];

const LETTER = /^[\p{L}\p{M}\p{N}\p{Cs}]$/u;

function hasWord(name: string, start: string): boolean {
  for (let at = name.indexOf(start); at >= 0; at = name.indexOf(start, at + 1))
    if (!LETTER.test(name.charAt(at - 1))) return true;
  return false;
}

function fitOf(name: string, part: string): Fit {
  if (name.startsWith(part)) return name.length === part.length ? "is it" : "starts with it";
  return hasWord(name, part) ? "has a word that starts with it" : "has it anywhere";
}

/**
 * The best matches of a search, best first, then as they come.
 *
 * @param found rows whose name has the text in it, sorted by name
 * @param part the text, in lower case
 */
export function bestMatches<Row extends Pick<CustomerRow, "search_key">>(
  found: readonly Row[],
  part: string,
  limit: number,
): Row[] {
  const byFit: Readonly<Record<Fit, Row[]>> = {
    "is it": [],
    "starts with it": [],
    "has a word that starts with it": [],
    "has it anywhere": [],
  };
  for (const row of found) byFit[fitOf(row.search_key, part)].push(row);
  return FITS.flatMap((fit) => byFit[fit]).slice(0, limit);
}

interface Search {
  readonly q: string;
  readonly limit: number;
}

/** Customers by a part of their name, best match first; those who left are found too. */
export async function search({ q, limit }: Search): Promise<{ customers: FoundCustomer[] }> {
  const part = q.toLowerCase();
  const byName = customersBy(await getDirectory(), "company_name");
  const found = byName.select("asc", ({ search_key }) => search_key.includes(part), `search ${part}`);
  return {
    customers: bestMatches(found, part, limit).map(({ customer, manager, score }) => ({
      ...shown(customer, manager),
      name: customer.company_name,
      email: customer.contact_email ?? null,
      health_score: score?.overall_score ?? null,
    })),
  };
}
