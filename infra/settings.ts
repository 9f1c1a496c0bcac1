import {
  givenSettings,
  readConfig,
  rejectEmbedded,
  rejectLocalTargets,
  settingName,
} from '../shared/platform/config/config.ts';
import { type Deployment, readDeployment } from '../shared/platform/config/config-deploy.ts';

export interface Settings extends Deployment {
  stage: string;
  /** Settings of the service as text, by environment variable. */
  service: NodeJS.ProcessEnv;
}

/** The CDK context also holds feature flags and values of other tools. */
const isSetting = (name: string): boolean => /^(TURNSTONE|DEPLOY|OPENAI|PINECONE)_/.test(name);

/**
 * Reads every setting by its name, from the CDK context (`-c NAME=value`) or from the environment; the context wins.
 * @throws TerminalError bad_setting
 */
export const readSettings = (
  context: { readonly [name: string]: unknown },
  environment = givenSettings({}),
): Settings => {
  const given = Object.fromEntries(
    Object.entries(context)
      .filter(([name]) => isSetting(name))
      .map(([name, value]) => [name, String(value)]),
  );
  const stageName = settingName('stage');
  const service = { [stageName]: 'prod', ...environment, ...given };
  const config = readConfig(service);
  rejectEmbedded(config);
  rejectLocalTargets(config);
  return { ...readDeployment(given, environment), stage: config.stage, service };
};
