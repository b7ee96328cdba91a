import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Suppresses a finding on this construct, with the reason why it is right as it is: of cdk-nag's AwsSolutions rules, or
 * of CDK's own validation (`CloudFormation-Validate::…`).
 */
export function suppressNag(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
