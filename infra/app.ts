import { synthesize } from './synthesize.ts';

const isBadSetting = (error: unknown): error is Error & { code: 'bad_setting' } =>
  error instanceof Error && 'code' in error && error.code === 'bad_setting';

try {
  await synthesize();
} catch (error) {
  if (!isBadSetting(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
