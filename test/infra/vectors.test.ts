import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { indexNames, nonFilterableKeys } from '../../shared/adapters/s3vectors/layout.ts';
import { resolveWith } from '../support/aws-artefacts/intrinsics.ts';
import { openTemplate } from '../support/aws-artefacts/template.ts';
import { settledContext, synthesizeStubbed } from '../support/stubbed-stack.ts';

const arn = 'arn:aws:s3vectors:us-east-1:000000000000:bucket/stack-vectors-1';

const open = async (more: { [name: string]: string } = {}) => {
  const { template } = await synthesizeStubbed({
    ...settledContext,
    TURNSTONE_INDEX: 's3vectors',
    ...more,
  });
  const opened = openTemplate(template);
  for (const id of opened.ids('AWS::S3Vectors::VectorBucket'))
    opened.make(id, { ref: arn, attributes: { VectorBucketArn: arn } });
  for (const id of opened.ids('AWS::SQS::Queue'))
    opened.make(id, { ref: `https://sqs.example.com/${id}`, attributes: { Arn: `arn:${id}` } });
  const { Resources, Outputs } = Template.parse(template);
  return { opened, resources: Object.values(Resources), outputs: Outputs };
};

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), DeletionPolicy: z.string().optional() }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Description: z.string() })),
});
const Index = z.object({
  IndexName: z.string(),
  Dimension: z.number(),
  DistanceMetric: z.string(),
  VectorBucketArn: z.string(),
  MetadataConfiguration: z.object({ NonFilterableMetadataKeys: z.array(z.string()) }),
});
const FunctionProperties = z.object({
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
});
const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(z.object({ Action: z.unknown(), Resource: z.unknown() })),
  }),
});

describe('a stack with TURNSTONE_INDEX=s3vectors', () => {
  it('the stack makes the bucket and the indexes that the functions ask, by cosine', async () => {
    const { opened } = await open({ TURNSTONE_VECTOR_INDEXES: '3' });

    const indexes = opened.all('AWS::S3Vectors::Index', Index).map(({ properties }) => properties);

    expect(opened.ids('AWS::S3Vectors::VectorBucket')).toHaveLength(1);
    expect(indexes.map(({ IndexName }) => IndexName)).toEqual(
      indexNames({ indexes: 3, dimension: 1_536 }),
    );
    for (const index of indexes)
      expect(index).toMatchObject({
        Dimension: 1_536,
        DistanceMetric: 'cosine',
        VectorBucketArn: arn,
        MetadataConfiguration: { NonFilterableMetadataKeys: nonFilterableKeys },
      });
  });

  it('the index is deleted with the stack, whatever happens to the table', async () => {
    const { resources } = await open();

    const kept = resources
      .filter(({ Type }) => Type.startsWith('AWS::S3Vectors::'))
      .map(({ DeletionPolicy }) => DeletionPolicy);

    expect(kept).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('api, worker and sweeper know the bucket, and no function is given another index', async () => {
    const { opened } = await open();

    const environments = opened
      .all('AWS::Lambda::Function', FunctionProperties)
      .map(({ properties }) => properties.Environment.Variables)
      .filter((variables) => 'TURNSTONE_INDEX' in variables);

    expect(environments).toHaveLength(3);
    for (const variables of environments)
      expect(variables).toMatchObject({
        TURNSTONE_INDEX: 's3vectors',
        TURNSTONE_VECTOR_BUCKET: 'stack-vectors-1',
        TURNSTONE_VECTOR_INDEXES: '4',
      });
  });

  it('two roles may use its indexes, and none may list, make or delete any', async () => {
    const { opened } = await open();

    const grants = opened
      .all('AWS::IAM::Policy', Policy)
      .flatMap(({ id, properties }) =>
        properties.PolicyDocument.Statement.filter(({ Action }) =>
          JSON.stringify(Action).includes('s3vectors'),
        ).map((statement) => ({ id: id.slice(0, 3), ...statement })),
      );

    expect(grants.map(({ id }) => id).sort()).toEqual(['Api', 'Wor']);
    for (const { Action, Resource } of grants) {
      expect(Action).toEqual(
        expect.arrayContaining(['s3vectors:QueryVectors', 's3vectors:GetVectors']),
      );
      expect(JSON.stringify(Action)).not.toMatch(/List|Index|Bucket|\*/);
      expect(Resource).toBe(`${arn}/index/*`);
    }
  });

  it('the outputs name the bucket and ask for no Pinecone key', async () => {
    const { opened, outputs } = await open();

    expect(resolveWith(opened.physical)(outputs['VectorBucketName']?.Value)).toBe(
      'stack-vectors-1',
    );
    expect(outputs['ThenPutKeys']?.Description).not.toContain('PINECONE');
    expect(outputs['IndexSettings']?.Value).toBe(
      'TURNSTONE_INDEX=s3vectors TURNSTONE_EMBEDDING_MODEL=text-embedding-3-small TURNSTONE_PINECONE_DIMENSION=1536 TURNSTONE_VECTOR_INDEXES=4',
    );
  });

  it('a dimension that S3 Vectors does not take is refused at synthesis', async () => {
    const synthesis = open({ TURNSTONE_PINECONE_DIMENSION: '5000' });

    await expect(synthesis).rejects.toThrow('takes vectors of up to 4096 dimensions');
  });

  it('a stack with Pinecone has no vector bucket', async () => {
    const { template } = await synthesizeStubbed(settledContext);

    expect(JSON.stringify(template)).not.toContain('S3Vectors');
  });
});
