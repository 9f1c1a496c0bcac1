import { startFauxqs } from 'fauxqs';

/** Starts an S3 emulator on a free port of the loopback interface. */
export const startS3Emulator = async () => {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  let buckets = 0;
  return {
    endpoint,
    /** Creates an empty bucket. Returns its name. */
    newBucket(): string {
      buckets += 1;
      const name = `bucket-${buckets}`;
      server.createBucket(name);
      return name;
    },
    client: {
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    stop: () => server.stop(),
  };
};
