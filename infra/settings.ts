import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  badSetting,
  givenSettings,
  readConfig,
  rejectEmbedded,
  rejectLocalTargets,
  rejectLongVectors,
  settingName,
  settingOf,
  settingText,
} from '../shared/platform/config/config.ts';
import { type Deployment, readDeployment } from '../shared/platform/config/config-deploy.ts';
import type { IndexKind } from './bundle.ts';

export interface Settings extends Deployment {
  stage: string;
  /** Settings of the service as text, by environment variable. */
  service: NodeJS.ProcessEnv;
}

export interface SettingSources {
  /** The CDK context: `-c NAME=value`. */
  context: { readonly [name: string]: unknown };
  /** Folder of the files of the stages. */
  stages?: string;
  environment?: NodeJS.ProcessEnv;
}

const stagesFolder = join(import.meta.dirname, 'stages');

/** The CDK context also holds feature flags and values of other tools. */
const isSetting = (name: string): boolean => /^(TURNSTONE|DEPLOY|OPENAI|PINECONE)_/.test(name);

const parseJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** Reads the file of a stage, `<stage>.json` with a value for each setting; undefined without one. */
const readStageFile = (folder: string, stage: string): NodeJS.ProcessEnv | undefined => {
  const file = join(folder, `${stage}.json`);
  if (!existsSync(file)) return undefined;
  const parsed = parseJson(file);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw badSetting(`The settings of the stage, ${stage}.json, must be one JSON object.`);
  for (const [name, value] of Object.entries(parsed)) {
    const setting = name.startsWith('DEPLOY_') ? { isSecret: false } : settingOf(name);
    if (!setting) throw badSetting(`Unknown setting ${name} in ${stage}.json.`);
    if (setting.isSecret)
      throw badSetting(
        `${name} is a secret: write it by npm run admin -- secret, not in ${stage}.json.`,
      );
    if (!isPlain(value))
      throw badSetting(`${name} in ${stage}.json must be a text, a number, true or false.`);
  }
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
};

/**
 * Reads every setting by its name. A stage with a file takes its settings from that file, whatever the shell of who deploys has; a
 * stage without one takes them from the environment. `-c NAME=value` takes precedence over both.
 * @throws TerminalError bad_setting
 */
export const readSettings = ({ context, stages, environment }: SettingSources): Settings => {
  const given = Object.fromEntries(
    Object.entries(context)
      .filter(([name]) => isSetting(name))
      .map(([name, value]) => [name, String(value)]),
  );
  const shell = environment ?? givenSettings({});
  const stageName = settingName('stage');
  const { stage } = readConfig({ [stageName]: given[stageName] ?? shell[stageName] ?? 'prod' });
  const ofStage = readStageFile(stages ?? stagesFolder, stage);
  const service = { ...(ofStage ?? shell), ...given, [stageName]: stage };
  const config = readConfig(service);
  rejectEmbedded(config);
  rejectLocalTargets(config);
  rejectLongVectors(config);
  const known = ofStage ? { ...ofStage, ...given } : given;
  return { ...readDeployment(known, ofStage ? {} : shell), stage, service };
};

/** The index of the stack: Pinecone, unless the operator chooses S3 Vectors. */
export const indexKindOf = ({ service }: Settings): IndexKind =>
  settingText(service, 'indexKind') === 's3vectors' ? 's3vectors' : 'pinecone';

export const isBadSetting = (error: unknown): error is Error & { code: 'bad_setting' } =>
  error instanceof Error && 'code' in error && error.code === 'bad_setting';
