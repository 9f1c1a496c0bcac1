import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/** Refuses to synthesize what goes against good practice; what we accept all the same is told in the template. */
export const addChecks = (app: App): void => {
  const options = { writeSuppressionsToCloudFormation: true };
  for (const checks of [new AwsSolutionsChecks(app, options), new ServerlessChecks(app, options)])
    Validations.of(app).addPlugins(checks);
};
