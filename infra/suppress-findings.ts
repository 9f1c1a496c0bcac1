import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Suppresses cdk-nag findings on `construct` and its children, each with a reason. */
export const suppressFindings = (
  construct: IConstruct,
  reasons: { readonly [finding: string]: string },
): void => {
  for (const [id, reason] of Object.entries(reasons))
    Validations.of(construct).acknowledge({ id, reason });
};
