import { customerHistory } from "../health/history.ts";
import { atRisk } from "./at-risk.ts";
import * as customers from "./customers.ts";
import { get } from "./detail.ts";
import { expiringSoon } from "./expiring-soon.ts";
import * as lists from "./list.ts";
import { search } from "./search.ts";
import { timeline } from "./timeline.ts";

export const Customers = {
  ...customers,
  ...lists,
  search,
  atRisk,
  expiringSoon,
  get,
  timeline,
  healthHistory: customerHistory,
};

export { isAtRisk } from "./at-risk.ts";
export { customersBy } from "./columns.ts";
export { endsWithin } from "./expiring-soon.ts";
