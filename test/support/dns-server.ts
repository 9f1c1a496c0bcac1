import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseAddress } from '../../shared/domain/webhooks/ip-address.ts';

/** Answer for a name at the moment of a query. */
export interface Answers {
  a?: readonly string[];
  aaaa?: readonly string[];
  /** Chain of CNAMEs; the last one has the addresses. */
  through?: readonly string[];
  /** `refused`, `servfail`, `nxdomain`: that response code. `silent`: no response. `junk`: invalid bytes. */
  fault?: 'servfail' | 'nxdomain' | 'refused' | 'silent' | 'junk';
}

const codes = { servfail: 2, nxdomain: 3, refused: 5 };
const types = { a: 1, cname: 5, aaaa: 28 };

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

const readQuestion = (query: Buffer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end };
};

const recordOf = (name: string, type: number, data: Buffer): Buffer => {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
};

const addressBytes = (text: string, bytes: number): Buffer => {
  const value = parseAddress(text)?.value ?? 0n;
  const mapped = bytes === 16 && text.includes('.') ? value | (0xffffn << 32n) : value;
  return Buffer.from(mapped.toString(16).padStart(bytes * 2, '0'), 'hex');
};

const recordsOf = (name: string, type: number, { a, aaaa, through = [] }: Answers): Buffer[] => {
  const chain = [name, ...through];
  const owner = chain.at(-1) ?? name;
  const aliases = chain
    .slice(1)
    .map((next, index) => recordOf(chain[index] ?? '', types.cname, encodeName(next)));
  const [addresses, bytes] = type === types.a ? [a, 4] : [type === types.aaaa ? aaaa : [], 16];
  return [
    ...aliases,
    ...(addresses ?? []).map((text) => recordOf(owner, type, addressBytes(text, bytes))),
  ];
};

/** Starts a name server whose answers a test sets; each query is answered by the current setting. */
export const startDnsServer = async () => {
  const socket = createSocket('udp4');
  const names = new Map<string, (earlierQueries: number) => Answers>();
  const questions: string[] = [];
  const counts = new Map<string, number>();

  const answerTo = (query: Buffer): Buffer | undefined => {
    const { name, type, end } = readQuestion(query);
    const kind = type === types.a ? 'A' : 'AAAA';
    const question = `${kind} ${name}`;
    questions.push(question);
    const earlierQueries = counts.get(question) ?? 0;
    counts.set(question, earlierQueries + 1);
    const found = names.get(name)?.(earlierQueries) ?? { fault: 'nxdomain' };
    if (found.fault === 'silent') return undefined;
    if (found.fault === 'junk')
      return Buffer.concat([query.subarray(0, 2), Buffer.alloc(30, 0xff)]);
    const records = found.fault ? [] : recordsOf(name, type, found);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 + (found.fault ? codes[found.fault] : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, query.subarray(12, end), ...records]);
  };

  socket.on('message', (query, { port, address }) => {
    const answer = answerTo(query);
    if (answer) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    address: `127.0.0.1:${socket.address().port}`,
    /** Queries as `A name` and `AAAA name`, in order of arrival. */
    questions,
    /**
     * @param answers a fixed answer, or a function of the number of earlier queries for the type of record since this
     * call
     */
    set(name: string, answers: Answers | ((earlierQueries: number) => Answers)): void {
      for (const kind of ['A', 'AAAA']) counts.delete(`${kind} ${name}`);
      names.set(name, typeof answers === 'function' ? answers : () => answers);
    },
    async stop(): Promise<void> {
      socket.close();
      await once(socket, 'close');
    },
  };
};
