import type { Platform } from '../../shared/ports/platform.ts';

interface Start {
  version: string;
  url: string;
  /** Where everything is kept, and what older memories are found in. */
  data: string;
  index: string;
  /** Set when this start made it: it cannot be shown again. */
  createdKey: string | undefined;
  /** Whether the operator chose the key. */
  hasPreset: boolean;
}

const modelLine = ({ name, quality }: Platform['languageModel']): string =>
  quality === 'basic'
    ? `${name}: basic rules, no language model (set OPENAI_API_KEY or OPENAI_BASE_URL to use one)`
    : name;

const keyLine = ({ createdKey, hasPreset }: Start): string => {
  if (createdKey !== undefined)
    return `${createdKey} (shown only this once; another: npm run keys -- create)`;
  return hasPreset ? 'the one in TURNSTONE_API_KEY' : 'as before (another: npm run keys -- create)';
};

const keyToPaste = ({ createdKey, hasPreset }: Start): string =>
  createdKey ?? (hasPreset ? '$TURNSTONE_API_KEY' : '<your API key>');

/** What a start tells: what it runs on, where it listens and keeps its data, and a first request to paste. */
export const banner = (
  { languageModel, embedder }: Pick<Platform, 'languageModel' | 'embedder'>,
  start: Start,
): string => `
Turnstone ${start.version} listens on ${start.url}

  refines with   ${modelLine(languageModel)}
  embeds with    ${embedder.model}
  searches in    ${start.index}
  keeps data in  ${start.data}
  API key        ${keyLine(start)}

A first turn to remember:

  curl ${start.url}/v1/turns -H "Authorization: Token ${keyToPaste(start)}" -H "Content-Type: application/json" -d '{"user_id": "alex", "messages": [{"role": "user", "content": "I moved to Seattle last week."}]}'

`;
