export { type DemoAccount, presentAccounts } from "./accounts.ts";
export { type DemoCustomer, portfolio } from "./portfolio.ts";
export { isEmpty, seed } from "./seed.ts";
