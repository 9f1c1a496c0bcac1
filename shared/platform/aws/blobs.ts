import { createS3Blobs } from '../../adapters/s3/blobs.ts';
import type { Blobs } from '../../ports/blobs.ts';
import { type Config, withSettings } from '../config/config.ts';

/** @throws TerminalError missing_setting */
export const createAwsBlobs = (config: Config): Blobs => {
  const { bucket } = withSettings(config, 'attachments', ['bucket']);
  return createS3Blobs({ bucket });
};
