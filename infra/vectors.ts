import { Fn } from 'aws-cdk-lib';
import { CfnIndex, CfnVectorBucket } from 'aws-cdk-lib/aws-s3vectors';
import { Construct } from 'constructs';
import { indexNames, nonFilterableKeys } from '../shared/adapters/s3vectors/layout.ts';
import { settingText } from '../shared/platform/config/config.ts';
import { indexKindOf, type Settings } from './settings.ts';

/** Vector bucket of the stack. */
export interface StackVectors {
  bucketName: string;
  /** ARN of all its indexes. */
  indexArns: string;
  /** The bucket with its indexes, which functions that use them depend on. */
  construct: Construct;
}

/**
 * Creates the vector bucket and its indexes; undefined for a stack whose index is Pinecone. AWS encrypts both. CloudFormation names the
 * bucket, so that another bucket has another name, which the sweeper takes for a new layout and indexes every memory. An index is
 * deleted with the stack, and when another layout follows, whatever happens to the table: all in it is made of the table again, and
 * vectors of deleted memories must not outlive the functions that would remove them.
 */
export const vectorsOf = (parent: Construct, settings: Settings): StackVectors | undefined => {
  if (indexKindOf(settings) !== 's3vectors') return undefined;
  const scope = new Construct(parent, 'Vectors');
  const bucket = new CfnVectorBucket(scope, 'Bucket', {});
  const numberOf = (field: 'pineconeDimension' | 'vectorIndexes'): number =>
    Number(settingText(settings.service, field));
  const dimension = numberOf('pineconeDimension');
  for (const name of indexNames({ indexes: numberOf('vectorIndexes'), dimension }))
    new CfnIndex(scope, name, {
      vectorBucketArn: bucket.attrVectorBucketArn,
      indexName: name,
      dimension,
      dataType: 'float32',
      distanceMetric: 'cosine',
      metadataConfiguration: { nonFilterableMetadataKeys: [...nonFilterableKeys] },
    });
  return {
    bucketName: Fn.select(1, Fn.split('/', bucket.attrVectorBucketArn)),
    indexArns: `${bucket.attrVectorBucketArn}/index/*`,
    construct: scope,
  };
};
