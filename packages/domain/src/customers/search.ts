import type { FoundCustomer } from "@success-manager/contract/customers";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { bandOfScore } from "../health/index.ts";
import { sortedCustomers } from "./list.ts";
import { toCustomer } from "./serialize.ts";

/** How well a name matches, best first. */
const RANKS = ["equals", "starts", "word starts", "contains"] as const;
type Rank = (typeof RANKS)[number];

const LETTER = /^[\p{L}\p{M}\p{N}\p{Cs}]$/u;

function hasWordStart(name: string, start: string): boolean {
  for (let at = name.indexOf(start); at >= 0; at = name.indexOf(start, at + 1))
    if (!LETTER.test(name.charAt(at - 1))) return true;
  return false;
}

function matchRank(name: string, part: string): Rank {
  if (name.startsWith(part)) return name.length === part.length ? "equals" : "starts";
  return hasWordStart(name, part) ? "word starts" : "contains";
}

/**
 * The best matches of a search, best first, then in the order of the rows.
 *
 * @param found rows whose name contains the text, sorted by name
 * @param part the search form of the text
 */
export function bestMatches<Row extends Pick<CustomerRow, "search_key">>(
  found: readonly Row[],
  part: string,
  limit: number,
): Row[] {
  const byRank: Readonly<Record<Rank, Row[]>> = { equals: [], starts: [], "word starts": [], contains: [] };
  for (const row of found) byRank[matchRank(row.search_key, part)].push(row);
  return RANKS.flatMap((rank) => byRank[rank]).slice(0, limit);
}

interface Search {
  readonly q: string;
  readonly limit: number;
}

/** Customers by part of their name, best match first; those who left are found too. */
export async function search({ q: part, limit }: Search): Promise<{ customers: FoundCustomer[] }> {
  const byName = sortedCustomers(await getDirectory(), "company_name");
  const found = byName.select("asc", ({ search_key }) => search_key.includes(part));
  return {
    customers: bestMatches(found, part, limit).map(({ customer, manager, score }) => ({
      ...toCustomer(customer, manager),
      name: customer.company_name,
      email: customer.contact_email ?? null,
      health_score: score?.overall_score ?? null,
      band: score ? bandOfScore(score) : null,
    })),
  };
}
