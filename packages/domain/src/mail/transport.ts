/** What sending a mail needs: loaded apart, because most requests send none. */
export { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
export { compose } from "./compose.ts";
