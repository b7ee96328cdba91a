import { unauthorized } from "@success-manager/contract/problem";
import { createServe } from "@success-manager/lambda";

/** Serves a group that is open to everybody: there is nobody to find behind a token. */
export const serve = createServe(() => Promise.reject(unauthorized("Nobody signs in here.")));
