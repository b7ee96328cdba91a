import { mailNewAlerts } from "@success-manager/domain/alerts";
import { createStreamHandler } from "@success-manager/lambda";

/** Mails alerts that can't wait for the daily digest. */
export const handler = createStreamHandler((changes) => mailNewAlerts(changes));
