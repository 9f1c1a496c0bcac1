import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/** Runs the rules of cdk-nag at synthesis: a finding fails it. Suppressed findings are listed in the template with their reasons. */
export const addChecks = (app: App): void => {
  const options = { writeSuppressionsToCloudFormation: true };
  for (const checks of [new AwsSolutionsChecks(app, options), new ServerlessChecks(app, options)])
    Validations.of(app).addPlugins(checks);
};
