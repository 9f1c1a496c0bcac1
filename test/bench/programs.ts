import { createRequire } from 'node:module';
import { z } from 'zod';
import { startChild } from '../support/child.ts';
import { root } from '../support/repository.ts';

/** Starts a server of this folder in a process of its own; the first line that it prints is its URL. */
export const startServer = async (program: string, ...args: string[]) => {
  const child = startChild(new URL(program, import.meta.url), ...args);
  const url = await child.nextLine();
  if (url === undefined) throw new Error(`${program} did not start`);
  return { url, stop: child.kill };
};

/** Runs a program of this folder to its end and parses its answer, one line of JSON. */
export const askProgram = async <S extends z.ZodType>(
  program: string,
  order: object,
  answer: S,
): Promise<z.output<S>> => {
  const child = startChild(new URL(program, import.meta.url), JSON.stringify(order));
  const line = await child.nextLine();
  await child.ended;
  if (line === undefined) throw new Error(`${program} ended without an answer`);
  return answer.parse(JSON.parse(line));
};

const PeerAnswer = z.object({ perSecond: z.number().optional(), p50: z.number() });

/** Whether `npm run bench:setup` installed the peer. */
export const isPeerInstalled = (): boolean => {
  try {
    createRequire(`${root}/test/peers/package.json`).resolve('mem0ai/oss');
    return true;
  } catch {
    return false;
  }
};

/** Measures the peer. Prints a note and resolves with undefined when it is not installed. */
export const askPeer = async (order: {
  task: 'add' | 'search';
  modelUrl: string;
  senders: number;
  requests: number;
  oneUser?: boolean;
}): Promise<z.output<typeof PeerAnswer> | undefined> => {
  if (isPeerInstalled()) return askProgram('peer.ts', order, PeerAnswer);
  console.log('mem0ai/oss is not installed, so nothing is compared with it: npm run bench:setup.');
  return undefined;
};
