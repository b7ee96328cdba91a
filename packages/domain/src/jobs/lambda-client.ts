/** What starting a job needs of the Lambda client: loaded apart, and only this of it bundled. */
export { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
