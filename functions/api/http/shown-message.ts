import type { Message } from '../../../shared/domain/memory/turn.ts';
import { omitNullish } from './omit-nullish.ts';

/** Builds a message for a response: attachments without what the service stores about them. */
export const shownMessage = ({ attachments, saidAt: _, ...message }: Message) => ({
  ...message,
  ...(attachments && {
    attachments: attachments.map(({ type, url, name }) => ({
      type,
      url,
      ...omitNullish({ name }),
    })),
  }),
});
