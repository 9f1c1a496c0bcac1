import { TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { openPlatform } from '../../shared/platform/open-platform.ts';
import { runCommand } from '../run-command.ts';
import { readKeyCommand, runKeyCommand } from './keys/command.ts';

const usage = `Usage:
  npm run keys -- create [--project <name or id>] [--permissions read,write,admin] [--name <purpose>]
  npm run keys -- list [--project <name or id>]
  npm run keys -- revoke <key id>`;

await runCommand(usage, async () => {
  const command = readKeyCommand(process.argv.slice(2), usage);
  if (command.values.stack !== undefined) {
    const sentence = 'For the keys of a stack use npm run admin -- keys ... --stack <name>.';
    throw new TerminalError('bad_command', sentence);
  }
  const platform = await openPlatform(readConfig());
  try {
    await runKeyCommand(platform, command, usage);
  } finally {
    await platform.close();
  }
});
