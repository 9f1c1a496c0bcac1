import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sign } from '../../shared/domain/webhooks/signature.ts';
import { blockWith } from '../support/code-blocks.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const webhooksPage = 'functions/api/native/webhooks/README.md';
const secret = `whsec_${Buffer.from('a secret of thirty-two bytes !!!').toString('base64')}`;
const body = JSON.stringify({ type: 'memory_add', data: { new_text: 'Grüße' } });

/** Users need none of these languages; `.ci/run` names those that are missing. */
const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const headersOf = (signed: string) => {
  const [id, timestamp] = ['ntf_1', Math.floor(Date.now() / 1_000)];
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign({ id, timestamp, body: Buffer.from(signed) }, [secret]),
  };
};

const received = `{"secret":${JSON.stringify(secret)},"headers":%HEADERS%,"body":${JSON.stringify(body)}}`;

/** Programs that verify what they read from standard input as JSON, and print the payload. */
const receivers = [
  {
    language: 'python',
    command: 'python3',
    version: '--version',
    programOf: (code: string) =>
      `${code}\nimport sys\ngiven = json.load(sys.stdin)\nprint(json.dumps(verify(given["secret"], given["headers"], given["body"].encode())))\n`,
    file: 'receiver.py',
    args: [] as string[],
  },
  {
    language: 'php',
    command: 'php',
    version: '--version',
    programOf: (code: string) =>
      `${code}\n$in = json_decode(stream_get_contents(STDIN), true);\necho json_encode(verify($in['secret'], $in['headers'], $in['body']));\n`,
    file: 'receiver.php',
    args: [] as string[],
  },
  {
    language: 'ruby',
    command: 'ruby',
    version: '--version',
    programOf: (code: string) =>
      `${code}\ninput = JSON.parse($stdin.read)\nputs JSON.generate(verify(input['secret'], input['headers'], input['body']))\n`,
    file: 'receiver.rb',
    args: [] as string[],
  },
  {
    language: 'go',
    command: 'go',
    version: 'version',
    programOf: (code: string) =>
      `${code
        .replace('package webhook', 'package main')
        .replace('import (', 'import (\n\t"encoding/json"\n\t"fmt"\n\t"os"')}
func main() {
	var in struct {
		Secret  string
		Headers map[string]string
		Body    string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	header := http.Header{}
	for name, value := range in.Headers {
		header.Set(name, value)
	}
	if err := Verify(in.Secret, header, []byte(in.Body)); err != nil {
		panic(err)
	}
	fmt.Println(in.Body)
}
`,
    file: 'receiver.go',
    args: ['run'],
  },
];

for (const { language, command, version, programOf, file, args } of receivers)
  it.runIf(runs(command, version)).each([
    ['accepts a signed body', body, true],
    ['refuses another body', '{}', false],
  ])(
    `the receiver in ${language} %s`,
    (_, signed, isAccepted) => {
      const program = programOf(blockWith(webhooksPage, language, 'webhook-signature'));
      writeFileSync(folder.file(file), program);

      const { status, stdout, stderr } = spawnSync(command, [...args, folder.file(file)], {
        encoding: 'utf8',
        input: received.replace('%HEADERS%', JSON.stringify(headersOf(signed))),
        env: {
          ...process.env,
          GOCACHE: folder.file('cache'),
          GOFLAGS: '-mod=mod',
          GO111MODULE: 'off',
        },
      });

      expect(status === 0, stderr).toBe(isAccepted);
      if (isAccepted) expect(JSON.parse(stdout)).toEqual(JSON.parse(body));
      else expect(stderr + stdout).toContain('no signature matches');
    },
    60_000,
  );
