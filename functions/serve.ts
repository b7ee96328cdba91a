import { authenticate } from "@success-manager/domain/auth";
import { spend } from "@success-manager/domain/rate-limit";
import { createServe } from "@success-manager/lambda";

/** Serves a group of the contract to signed-in users: `export const handler = serve(customers, { … })`. */
export const serve = createServe(authenticate, spend);
