import type { NewMessage } from '../../shared/domain/memory/attachment.ts';
import type { LocalOptions } from '../../shared/platform/local.ts';
import { alice, openCoreFixture } from './core-fixture.ts';
import { createKeptFiles } from './kept-files.ts';

const fileOf = (text: string) => ({
  type: 'txt',
  url: 'data:text/plain',
  bytes: Buffer.from(text),
});

/** A message with a file for each text. */
export const withFiles = (content: string, ...texts: string[]): NewMessage => ({
  role: 'user',
  content,
  attachments: texts.map(fileOf),
});

/** The core with files that a test can look at. */
export const openWithFiles = (options: LocalOptions = {}) => {
  const files = createKeptFiles();
  const service = openCoreFixture({ blobs: files, ...options });
  const add = (...messages: NewMessage[]) => service.add('', alice, { messages });
  const shown = () =>
    service.model.requests.map(({ turns }) =>
      turns.map(({ messages }) => messages.map(({ content }) => content).join(' ')),
    );
  return { ...service, files, addFiles: add, shown };
};
