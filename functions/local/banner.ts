import type { Platform } from '../../shared/ports/platform.ts';

interface Start {
  version: string;
  url: string;
  /** Where everything is kept, and what older memories are found in. */
  data: string;
  index: string;
  /** Set when this start made it and a terminal shows it: it cannot be shown again. */
  createdKey: string | undefined;
  /** The file that this start wrote it to, where the output may be kept by others. */
  keyFile: string | undefined;
  /** Whether the operator chose the key. */
  hasPreset: boolean;
}

const modelLine = ({ name, quality }: Platform['languageModel']): string =>
  quality === 'basic'
    ? `${name}: basic rules, no language model (set OPENAI_API_KEY or OPENAI_BASE_URL to use one)`
    : name;

const keyLine = ({ createdKey, keyFile, hasPreset }: Start): string => {
  if (createdKey !== undefined)
    return `${createdKey} (shown only this once; another: npm run keys -- create)`;
  if (keyFile !== undefined)
    return `written to ${keyFile} (for your user alone; keep the key and delete the file)`;
  return hasPreset ? 'the one in TURNSTONE_API_KEY' : 'as before (another: npm run keys -- create)';
};

/** In single quotes a shell takes a path as it is. */
const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

const keyToPaste = ({ createdKey, keyFile, hasPreset }: Start): string => {
  if (createdKey !== undefined) return createdKey;
  if (keyFile !== undefined) return `$(cat ${quoted(keyFile)})`;
  return hasPreset ? '$TURNSTONE_API_KEY' : '<your API key>';
};

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
