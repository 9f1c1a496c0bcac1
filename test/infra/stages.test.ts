import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { indexSettingsOf } from '../../infra/environment.ts';
import { readSettings } from '../../infra/settings.ts';
import { synthesizeStubbed } from '../support/stubbed-stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Folder with one file of a stage. */
const stagesWith = (name: string, content: unknown): string => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(folder.file(name), text);
  return folder.path;
};

const read = (
  content: unknown,
  context: { [name: string]: string } = {},
  environment: NodeJS.ProcessEnv = {},
) => readSettings({ context, environment, stages: stagesWith('prod.json', content) });

describe('the file of a stage', () => {
  it('the file sets the service and the deployment, by texts, numbers and booleans', () => {
    const settings = read({ TURNSTONE_MODEL: 'm', DEPLOY_WORKERS: 12, DEPLOY_KEEP_DATA: false });

    expect(settings).toMatchObject({ stage: 'prod', workers: 12, keepData: false });
    expect(settings.service).toMatchObject({ TURNSTONE_MODEL: 'm' });
  });

  it('the shell of who deploys changes nothing of a stage with a file', () => {
    const shell = {
      TURNSTONE_MODEL: 'llama3',
      TURNSTONE_TYPO: 'x',
      OPENAI_BASE_URL: 'http://localhost:11434/v1',
      DEPLOY_WORKERS: '900',
    };
    const settings = read({ TURNSTONE_MODEL: 'm' }, {}, shell);

    expect(settings.service).toEqual({ TURNSTONE_MODEL: 'm', TURNSTONE_STAGE: 'prod' });
    expect(settings.workers).toBe(4);
  });

  it('a flag takes precedence over the file', () => {
    const settings = read({ TURNSTONE_MODEL: 'm', DEPLOY_WORKERS: 12 }, { DEPLOY_WORKERS: '13' });

    expect(settings).toMatchObject({ workers: 13, service: { TURNSTONE_MODEL: 'm' } });
  });

  it('a stage without a file takes its settings from the environment', () => {
    const settings = read(
      { DEPLOY_WORKERS: 12 },
      { TURNSTONE_STAGE: 'test' },
      { TURNSTONE_MODEL: 'm' },
    );

    expect(settings).toMatchObject({
      stage: 'test',
      workers: 4,
      service: { TURNSTONE_MODEL: 'm' },
    });
  });

  it.each([
    ['[]', 'prod.json, must be one JSON object.'],
    ['{"TURNSTONE_MODEL": "m"', 'prod.json, must be one JSON object.'],
    [{ TURNSTONE_MODLE: 'm' }, 'Unknown setting TURNSTONE_MODLE in prod.json.'],
    [{ PATH: 'm' }, 'Unknown setting PATH in prod.json.'],
    [{ OPENAI_BASE: 'm' }, 'Unknown setting OPENAI_BASE in prod.json.'],
    [{ DEPLOY_WORKER: 3 }, 'Unknown setting DEPLOY_WORKER'],
    [
      { TURNSTONE_MODEL: ['m'] },
      'TURNSTONE_MODEL in prod.json must be a text, a number, true or false.',
    ],
    [{ OPENAI_API_KEY: 'sk-1' }, 'OPENAI_API_KEY is a secret'],
    [{ PINECONE_API_KEY: 'pc-1' }, 'PINECONE_API_KEY is a secret'],
    [{ DEPLOY_WORKERS: 3 }, 'DEPLOY_WORKERS must be a whole number, 4 to 1000, not "3".'],
    [{ OPENAI_BASE_URL: 'http://127.0.0.1/v1' }, 'OPENAI_BASE_URL=http://127.0.0.1/v1 works'],
  ])('the file %j is rejected in one sentence', (content, sentence) => {
    expect(() => read(content)).toThrow(sentence);
  });

  it('a stage is a name, and no path to another file', () => {
    expect(() => read({}, { TURNSTONE_STAGE: '../prod' })).toThrow('TURNSTONE_STAGE must be');
  });
});

describe('the queues of a deployment', () => {
  it('workers are divided between turns and the index, and more of them read more files at once, up to ten', async () => {
    const { template: large } = await synthesizeStubbed({ DEPLOY_WORKERS: '50' });
    const mappings = JSON.stringify(large);

    for (const concurrency of [38, 12, 10])
      expect(mappings).toContain(`"MaximumConcurrency":${concurrency}}`);
  });
});

/** Server that describes a stack with these index settings, as CloudFormation does; without them there is no stack. */
const startCloudFormation = async (
  settings: string | undefined,
  adopted = '- - -',
): Promise<string> => {
  const absent =
    '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id turnstone-prod does not exist</Message></Error></ErrorResponse>';
  const described = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>turnstone-prod</StackName><CreationTime>2026-11-28T00:00:00Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs><member><OutputKey>IndexSettings</OutputKey><OutputValue>${settings}</OutputValue></member><member><OutputKey>Adopted</OutputKey><OutputValue>${adopted}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  const server = createServer((_, response) => {
    response.writeHead(settings === undefined ? 400 : 200, { 'content-type': 'text/xml' });
    response.end(settings === undefined ? absent : described);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('npm run deploy', () => {
  /** Runs the command with a `cdk` that prints its arguments. */
  const deploy = async (
    deployed: string | undefined,
    args: readonly string[],
    adopted?: string,
  ) => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    writeFileSync(folder.file('cdk'), '#!/bin/sh\necho "cdk $@"\n', { mode: 0o755 });
    const program = fileURLToPath(new URL('../../infra/deploy.ts', import.meta.url));
    const child = spawn(process.execPath, [program, ...args], {
      env: {
        PATH: `${folder.path}:/usr/bin:/bin`,
        AWS_ENDPOINT_URL: await startCloudFormation(deployed, adopted),
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    const [code] = await once(child, 'close');
    return { code, output };
  };

  const flags = ['-c', 'TURNSTONE_PINECONE_HOST=https://i.example.com'];
  const same = indexSettingsOf(
    readSettings({
      context: { TURNSTONE_PINECONE_HOST: 'https://i.example.com' },
      environment: {},
    }),
  );

  it('a first deployment, and one with the same index settings, is handed to the CDK', async () => {
    for (const deployed of [undefined, same])
      expect(await deploy(deployed, flags)).toEqual({
        code: 0,
        output: `cdk deploy ${flags.join(' ')}\n`,
      });
  });

  it('a forgotten setting of the index is refused, and names both', async () => {
    const { code, output } = await deploy(same, []);

    expect(code).toBe(1);
    expect(output).toContain('TURNSTONE_PINECONE_HOST=https://i.example.com');
    expect(output).toContain('add -c DEPLOY_REINDEX=true -c DEPLOY_CANARY=false if you want it');
    expect(output).not.toContain('cdk deploy');
  });

  it('a change of the index is deployed if it is asked for', async () => {
    const args = ['--context', 'DEPLOY_REINDEX=true', '--context', 'DEPLOY_CANARY=false'];

    expect(await deploy(same, args)).toEqual({ code: 0, output: `cdk deploy ${args.join(' ')}\n` });
  });

  it('two versions that write to different indexes side by side are refused', async () => {
    const { code, output } = await deploy(same, ['-c', 'DEPLOY_REINDEX=true']);

    expect(code).toBe(1);
    expect(output).toContain('add -c DEPLOY_CANARY=false to change the index at once');
  });

  it('a stack moves to S3 Vectors if a new index is asked for, and not back', async () => {
    const toS3Vectors = ['-c', 'TURNSTONE_INDEX=s3vectors'];
    const onS3Vectors = indexSettingsOf(
      readSettings({ context: { TURNSTONE_INDEX: 's3vectors' }, environment: {} }),
    );
    const asked = ['-c', 'DEPLOY_REINDEX=true', '-c', 'DEPLOY_CANARY=false'];

    const unasked = await deploy(same, toS3Vectors);
    const there = await deploy(same, [...toS3Vectors, ...asked]);
    const again = await deploy(onS3Vectors, toS3Vectors);
    const back = await deploy(onS3Vectors, [...flags, ...asked]);

    expect(unasked.output).toContain(
      'add -c DEPLOY_REINDEX=true -c DEPLOY_CANARY=false if you want it',
    );
    expect([unasked.code, there.code, again.code, back.code]).toEqual([1, 0, 0, 1]);
    expect(back.output).toContain('it keeps TURNSTONE_INDEX=s3vectors');
  });

  it('a deployment that no longer names the data of its stack is refused', async () => {
    const { code, output } = await deploy(same, flags, '- turnstone-files -');

    expect(code).toBe(1);
    expect(output).toContain('set DEPLOY_BUCKET in the file of the stage');
  });

  it('other data are not taken into use by a canary, nor where the own ones would be deleted', async () => {
    const bucket = [...flags, '-c', 'DEPLOY_BUCKET=turnstone-files'];
    const gradual = await deploy(same, bucket);
    const deleting = await deploy(same, [...bucket, '-c', 'DEPLOY_KEEP_DATA=false']);
    const atOnce = await deploy(same, [...bucket, '-c', 'DEPLOY_CANARY=false']);
    const again = await deploy(same, bucket, '- turnstone-files -');

    expect(gradual).toMatchObject({
      code: 1,
      output: expect.stringContaining('DEPLOY_CANARY=false'),
    });
    expect(deleting).toMatchObject({
      code: 1,
      output: expect.stringContaining('DEPLOY_KEEP_DATA=true'),
    });
    expect([atOnce.code, again.code]).toEqual([0, 0]);
  });

  it('a wrong setting is refused in one sentence', async () => {
    const { code, output } = await deploy(same, ['-cDEPLOY_WORKERS=3']);

    expect(code).toBe(1);
    expect(output).toBe('DEPLOY_WORKERS must be a whole number, 4 to 1000, not "3".\n');
  });
});
