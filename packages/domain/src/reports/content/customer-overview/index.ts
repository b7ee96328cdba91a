import type { Asked, Content } from "../asked.ts";
import { customerReport } from "./customer/index.ts";
import { portfolioReport } from "./portfolio/index.ts";

/** Who the customers are and how they fare; with a `customer_id`, one of them. @throws 404 for one who is not there */
export const customerOverview = (asked: Asked): Promise<Content> => {
  const { customer_id } = asked.filters;
  return customer_id === undefined ? portfolioReport(asked) : customerReport(asked, customer_id);
};
