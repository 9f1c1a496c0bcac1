import {
  givenSettings,
  readConfig,
  rejectEmbedded,
  settingName,
} from '../shared/platform/config/config.ts';
import { type Deployment, readDeployment } from '../shared/platform/config/config-deploy.ts';

export interface Settings extends Deployment {
  stage: string;
  /** The service's own settings, as text under their names. */
  service: NodeJS.ProcessEnv;
}

/** Context holds much that is not for us. */
const isSetting = (name: string): boolean => /^(TURNSTONE|DEPLOY|OPENAI|PINECONE)_/.test(name);

/**
 * Every setting by its own name, as CDK context (`-c NAME=value`) or else in the environment.
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
  return { ...readDeployment(given, environment), stage: config.stage, service };
};
