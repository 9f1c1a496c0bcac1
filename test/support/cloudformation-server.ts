import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const member = ([name, value]: [string, string]): string =>
  `<member><OutputKey>${escaped(name)}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`;

const described = (stack: string, outputs: { readonly [name: string]: string }): string =>
  `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>${escaped(stack)}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs>${Object.entries(outputs).map(member).join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

const unknown = (stack: string): string =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${escaped(stack)} does not exist</Message></Error></ErrorResponse>`;

/** Starts a server with the part of CloudFormation that returns the outputs of one stack. */
export const startCloudFormationServer = async (
  name: string,
  outputs: { readonly [name: string]: string },
) => {
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(await text(request));
    const stack = asked.get('StackName') ?? '';
    const isKnown = asked.get('Action') === 'DescribeStacks' && stack === name;
    response.writeHead(isKnown ? 200 : 400, { 'content-type': 'text/xml' });
    response.end(isKnown ? described(stack, outputs) : unknown(stack));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
