import { unauthorized } from "@success-manager/contract/problem";
import { service } from "@success-manager/lambda";

/** Serves a group that is open to everybody: there is nobody to find behind a token. */
export const serve = service(() => Promise.reject(unauthorized("Nobody signs in here.")));
