import { customerHistory } from "../health/history.ts";
import * as customers from "./customers.ts";
import { get } from "./detail.ts";
import * as lists from "./list.ts";
import { timeline } from "./timeline.ts";

export { CustomerEntity, type StoredCustomer } from "./entity.ts";
export const Customers = { ...customers, ...lists, get, timeline, healthHistory: customerHistory };
