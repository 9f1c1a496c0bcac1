import * as z from 'zod';
import { Count } from '../http/paging.ts';
import { appField, Flag, Info, otherStores, ownerFields, Tags } from './fields.ts';
import { searchFields } from './search-fields.ts';

const maxTokens = 8_192;

/** Request of a chat: a search, and what the model and the added message get besides. */
export const Chat = z.object({
  ...ownerFields,
  ...searchFields,
  ...appField,
  ...otherStores,
  tags: Tags.nullish(),
  info: Info.nullish(),
  system_prompt: z.string().nullish(),
  model_name: z.string().max(256).nullish(),
  stream: Flag.nullish(),
  max_tokens: Count.max(maxTokens, `must be at most ${maxTokens}`).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  add_message_on_answer: Flag.nullish(),
});
export type Chat = z.output<typeof Chat>;

/** Characters that the caller sends to the model. */
export const inputOf = ({ query, system_prompt }: Chat): number =>
  query.length + (system_prompt?.length ?? 0);
