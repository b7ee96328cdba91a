export * as Dashboard from "./dashboard.ts";
