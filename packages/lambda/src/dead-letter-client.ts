/** What putting a message into a queue needs of the SQS client: loaded apart, and only this of it bundled. */
export { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
