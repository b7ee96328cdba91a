import { unauthorized } from "@success-manager/contract/problem";
import { service } from "@success-manager/lambda";

/** Serves groups that everybody may read: there is nobody to find behind a token here. */
export const serve = service(() => Promise.reject(unauthorized("Nobody signs in here.")));
