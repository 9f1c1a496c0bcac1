import type { Context } from 'hono';
import * as z from 'zod';
import type { EventFilter, EventPosition, ListedEvent } from '../../../shared/core/list-events.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { limits } from '../http/limits.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { type Paging, pageOf } from '../http/paging.ts';
import { eventBody } from './event-body.ts';

const toText = ({ month, id }: EventPosition): string => `${month}.${id}`;

/** Parameters of a list of events, besides those of its page and filter. */
export const eventPageQuery = {
  after: z
    .string()
    .transform((text, context): EventPosition => {
      const [month = '', id = ''] = text.split('.');
      if (/^\d{4}-\d\d$/.test(month) && isUuid(id) && toText({ month, id }) === text)
        return { month, id: id.toLowerCase() };
      context.addIssue('must be that of an earlier `next` link');
      return z.NEVER;
    })
    .optional()
    .describe('Position of an earlier `next` link.'),
  texts: z.stringbool({ error: 'must be true or false' }).default(true),
};

/** Builds an event of a list. `truncated` marks an event without its texts; the route by id returns the event with them. */
const listedBody = ({ isCut, ...listed }: ListedEvent) => ({
  ...eventBody(listed),
  // Clients of the list show `error` as text; the route by id has the object.
  error: listed.event.error?.message ?? null,
  error_detail: listed.event.error ?? null,
  ...(isCut ? { truncated: true } : {}),
});

/** Answers with a page of events. A page after a position costs the same however deep it is. */
export const eventPage = async (
  c: Context<ApiEnv>,
  platform: Platform,
  paging: Paging,
  {
    after,
    texts = true,
    statuses,
    kinds,
  }: { after?: EventPosition | undefined; texts?: boolean } & {
    [name in keyof EventFilter]: EventFilter[name] | undefined;
  },
) => {
  const { listEvents } = await import('../../../shared/core/list-events.ts');
  const { events, found, next } = await listEvents(platform, c.get('principal').project, {
    skip: after ? 0 : paging.skip,
    limit: paging.size,
    withTexts: texts,
    ...omitNullish({ after, statuses, kinds }),
  });
  const count = after ? paging.skip + found : found;
  const position = next && toText(next);
  const page = pageOf(c, paging, count, events.map(listedBody), position);
  // A page before has no position, and its number may lie beyond those that numbers cover.
  const isBeyond = paging.skip - paging.size >= limits.listedEvents;
  return pacedJson(c, platform, isBeyond ? { ...page, previous: null } : page);
};
