import * as z from 'zod';
import type { startS3VectorsServer } from '../s3vectors-server/server.ts';
import { arnOf, type OpenTemplate } from './template.ts';

const Index = z.object({
  VectorBucketArn: z.string(),
  IndexName: z.string(),
  Dimension: z.number(),
  DataType: z.literal('float32'),
  DistanceMetric: z.literal('cosine'),
  MetadataConfiguration: z.object({ NonFilterableMetadataKeys: z.array(z.string()) }),
});

/** Creates the vector bucket of the template, if it has one, and its indexes on the server. */
export const createVectors = (
  template: OpenTemplate,
  bucket: string,
  server: Awaited<ReturnType<typeof startS3VectorsServer>>,
): void => {
  const arn = arnOf('s3vectors', `bucket/${bucket}`);
  for (const id of template.ids('AWS::S3Vectors::VectorBucket'))
    template.make(id, { ref: arn, attributes: { VectorBucketArn: arn } });
  for (const { properties } of template.all('AWS::S3Vectors::Index', Index)) {
    if (properties.VectorBucketArn !== arn) throw new Error(`${arn} is not that of the index`);
    server.addIndex(properties.IndexName, {
      dimension: properties.Dimension,
      nonFilterable: properties.MetadataConfiguration.NonFilterableMetadataKeys,
    });
  }
};
