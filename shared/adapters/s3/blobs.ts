import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { BlobName, Blobs } from '../../ports/blobs.ts';

const keyOf = ({ project, turn, digest }: BlobName): string =>
  `${encodeURIComponent(project)}/${turn}/${digest}`;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const unavailable = (error: unknown): RetryableError =>
  new RetryableError('blobs_unavailable', `The bucket cannot be used (${nameOf(error)}).`);

/**
 * Blobs as objects of an S3 bucket. S3 stores an object as a whole, and reads see it at once. Each call is one request a blob, tried
 * at most three times. The SDK is loaded on first use, so that an add without attachments does not pay for it.
 */
export const createS3Blobs = ({
  bucket,
  client: config = {},
}: {
  bucket: string;
  client?: S3ClientConfig;
}): Blobs => {
  const connect = async () => {
    const sdk = await import('@aws-sdk/client-s3');
    const client = new sdk.S3Client({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 8_000,
        throwOnRequestTimeout: true,
      },
      ...config,
    });
    return { sdk, client };
  };
  let connected: ReturnType<typeof connect> | undefined;
  const connection = () => {
    connected ??= connect();
    return connected;
  };

  return {
    async put(name, bytes) {
      const { sdk, client } = await connection();
      const object = { Bucket: bucket, Key: keyOf(name), Body: bytes };
      try {
        await client.send(new sdk.PutObjectCommand(object));
      } catch (error) {
        throw unavailable(error);
      }
    },

    async get(name) {
      const { sdk, client } = await connection();
      try {
        const { Body: body } = await client.send(
          new sdk.GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }),
        );
        return await body?.transformToByteArray();
      } catch (error) {
        if (nameOf(error) === 'NoSuchKey') return undefined;
        throw unavailable(error);
      }
    },

    async remove(names) {
      const { sdk, client } = await connection();
      try {
        await mapConcurrent(names, (name) =>
          client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: keyOf(name) })),
        );
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
};
