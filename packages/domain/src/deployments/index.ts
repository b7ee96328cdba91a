import * as deployments from "./deployments.ts";
import * as lists from "./lists.ts";

export const Deployments = { ...deployments, ...lists };
