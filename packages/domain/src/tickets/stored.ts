import { searchForm, uniqueForm } from "@success-manager/contract/text";
import type { StoredTicket } from "../table/index.ts";

type Derived = "search_key" | "category_key";

/** A ticket with the attributes that lists filter and search by. */
export const toStoredTicket = (ticket: Omit<StoredTicket, Derived>): StoredTicket => ({
  ...ticket,
  search_key: searchForm(
    [
      ticket.number,
      ticket.subject,
      ticket.description,
      ticket.requester_name ?? "",
      ticket.requester_email ?? "",
    ].join("\n"),
  ),
  ...(ticket.category !== undefined && { category_key: uniqueForm(ticket.category) }),
});
