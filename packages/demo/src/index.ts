export type { DemoAccount } from "./accounts.ts";
export { type DemoCustomer, portfolio } from "./portfolio.ts";
export { isEmpty, seed } from "./seed.ts";
export { presentAccounts } from "./team.ts";
