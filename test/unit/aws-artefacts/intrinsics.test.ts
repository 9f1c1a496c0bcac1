import { expect, it } from 'vitest';
import { resolveWith } from '../../support/aws-artefacts/intrinsics.ts';

const resolve = resolveWith({
  ref: (id) => `ref-${id}`,
  attribute: (id, name) => `${id}-${name}`,
});

it.each([
  [{ Ref: 'Table' }, 'ref-Table'],
  [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue-Arn'],
  [{ 'Fn::GetAtt': 'Queue.Arn' }, 'Queue-Arn'],
  [{ 'Fn::Join': ['/', ['a', { Ref: 'B' }]] }, 'a/ref-B'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
  [{ 'Fn::Sub': '${A}:${B.Arn}:${!C}' }, 'ref-A:B-Arn:${C}'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
  [{ 'Fn::Sub': ['${own}', { own: { Ref: 'A' } }] }, 'ref-A'],
  [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b'] }] }, 'b'],
  [
    { list: [{ Ref: 'A' }, { Ref: 'AWS::NoValue' }], gone: { Ref: 'AWS::NoValue' } },
    { list: ['ref-A'] },
  ],
  ['text', 'text'],
])('the intrinsic %j resolves to %j', (value, resolved) => {
  expect(resolve(value)).toEqual(resolved);
});

it('an unknown intrinsic is an error', () => {
  expect(() => resolve({ 'Fn::ImportValue': 'other' })).toThrow('Fn::ImportValue');
});
