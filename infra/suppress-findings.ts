import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Findings of the checks that we live with on `construct` and all in it, each with its reason. */
export const suppressFindings = (
  construct: IConstruct,
  reasons: { readonly [finding: string]: string },
): void => {
  for (const [id, reason] of Object.entries(reasons))
    Validations.of(construct).acknowledge({ id, reason });
};
