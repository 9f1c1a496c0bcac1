import { createIndexControl } from '../../shared/adapters/pinecone/control.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { type Config, readConfig } from '../../shared/platform/config/config.ts';
import { runCommand } from '../run-command.ts';

const withoutScheme = (host: string): string => host.replace(/^https?:\/\//, '').replace(/\/$/, '');

const rejectOtherHost = ({ pineconeHost, pineconeIndex }: Config, host: string): void => {
  if (pineconeHost === undefined || withoutScheme(pineconeHost) === withoutScheme(host)) return;
  const sentence = `The Pinecone index "${pineconeIndex}" is at ${host}, not at TURNSTONE_PINECONE_HOST=${pineconeHost}.`;
  throw new TerminalError('index_unfit', sentence);
};

const run = async (command: string, config: Config): Promise<string> => {
  const control = createIndexControl({
    apiKey: config.pineconeApiKey,
    clock: systemClock,
    controllerUrl: config.pineconeControllerUrl,
  });
  const { pineconeIndex: name, pineconeDimension: dimension } = config;
  if (command === 'check') {
    const { host } = await control.check({ name, dimension });
    rejectOtherHost(config, host);
    return `The index "${name}" fits.\nTURNSTONE_PINECONE_HOST=${host}`;
  }
  const [cloud = '', region = ''] = config.pineconeRegion.split('/');
  const { host, made } = await control.create({ name, dimension, cloud, region });
  return `The index "${name}" ${made ? 'was created' : 'exists and fits'}.\nTURNSTONE_PINECONE_HOST=${host}`;
};

const usage = `Makes the Pinecone index of the settings, or checks that it fits.
Usage: npm run pinecone -- create|check`;

await runCommand(usage, async () => {
  const [command = '', ...rest] = process.argv.slice(2);
  if (!['create', 'check'].includes(command) || rest.length > 0)
    throw new TerminalError('bad_command', usage);
  console.log(await run(command, readConfig()));
});
