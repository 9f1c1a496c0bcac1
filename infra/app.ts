import { isBadSetting } from './settings.ts';
import { synthesize } from './synthesize.ts';

try {
  await synthesize();
} catch (error) {
  if (!isBadSetting(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
