export * as Deployments from "./api.ts";
