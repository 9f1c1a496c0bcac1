import { createS3Blobs } from '../../shared/adapters/s3/blobs.ts';
import { startS3Emulator } from '../support/s3-emulator.ts';
import { describeBlobs } from './blobs.contract.ts';

describeBlobs('s3', async () => {
  const emulator = await startS3Emulator();
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await emulator.stop();
    isStopped = true;
  };
  const client = { ...emulator.client, retryMode: 'standard' };
  return {
    blobs: createS3Blobs({ bucket: emulator.newBucket(), client }),
    breakDown: stop,
    close: stop,
  };
});
