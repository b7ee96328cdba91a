import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Notes why a finding of cdk-nag's AwsSolutions rules on this construct is right as it is. */
export function accepted(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
