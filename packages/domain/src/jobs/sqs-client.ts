/** What looking into a queue needs of the SQS client: loaded apart, and only this of it bundled. */
export { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
