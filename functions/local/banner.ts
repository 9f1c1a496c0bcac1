import type { Platform } from '../../shared/ports/platform.ts';

interface Start {
  version: string;
  url: string;
  /** Locations of the store and of the index, in words. */
  data: string;
  index: string;
  /** Set if this start created the key and the output is a terminal. A key cannot be shown a second time. */
  createdKey: string | undefined;
  /** Set if this start wrote the created key to a file, because the output is not a terminal and may end up in logs. */
  keyFile: string | undefined;
  /** True if the operator set the key in TURNSTONE_API_KEY. */
  hasPreset: boolean;
  /** True if the default project has a key that is accepted. */
  hasKey: boolean;
  /** Address of the metrics, if they are served. */
  metricsUrl?: string | undefined;
}

const modelLine = ({ name, quality }: Platform['languageModel']): string =>
  quality === 'basic'
    ? `${name}: basic, expect misses without a model (set OPENAI_API_KEY or OPENAI_BASE_URL to use one)`
    : name;

const keyLine = ({ createdKey, keyFile, hasPreset, hasKey }: Start): string => {
  if (createdKey !== undefined)
    return `${createdKey} (shown only this once; another: npm run keys -- create)`;
  if (keyFile !== undefined)
    return `written to ${keyFile} (for your user alone; keep the key and delete the file)`;
  if (hasPreset) return 'the one in TURNSTONE_API_KEY';
  return hasKey
    ? 'as before (another: npm run keys -- create)'
    : 'none yet (make one: npm run keys -- create)';
};

/** Quotes a path for a shell. */
const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

const keyToPaste = ({ createdKey, keyFile, hasPreset }: Start): string => {
  if (createdKey !== undefined) return createdKey;
  if (keyFile !== undefined) return `$(cat ${quoted(keyFile)})`;
  return hasPreset ? '$TURNSTONE_API_KEY' : '<your API key>';
};

/** Returns the text that a start prints: models, address, location of the data, and a first request to paste. */
export const banner = (
  { languageModel, embedder }: Pick<Platform, 'languageModel' | 'embedder'>,
  start: Start,
): string => `
Turnstone ${start.version} listens on ${start.url}

  refines with   ${modelLine(languageModel)}
  embeds with    ${embedder.model}
  searches in    ${start.index}
  keeps data in  ${start.data}
  API key        ${keyLine(start)}${start.metricsUrl === undefined ? '' : `\n  metrics at     ${start.metricsUrl}`}

A first turn to remember:

  curl ${start.url}/v1/turns -H "Authorization: Token ${keyToPaste(start)}" -H "Content-Type: application/json" -d '{"user_id": "alex", "messages": [{"role": "user", "content": "I moved to Seattle last week."}]}'

`;
