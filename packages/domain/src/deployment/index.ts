import * as deployments from "./deployments.ts";
import * as lists from "./lists.ts";

export { DeploymentEntity, type StoredDeployment } from "./entity.ts";
export const Deployments = { ...deployments, ...lists };
