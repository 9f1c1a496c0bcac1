import type * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { describe, type SettingDoc } from './setting.ts';

type Shape = { readonly [field: string]: z.ZodType };

/** Returns name, default and description of each setting, in the order of `shape`. */
export const tableOf = (shape: Shape): (SettingDoc & { field: string })[] =>
  Object.entries(shape).flatMap(([field, schema]) => {
    const entry = describe.get(schema);
    return entry ? [{ field, ...entry }] : [];
  });

/** Returns the settings as a Markdown table. */
export const rowsOf = (shape: Shape): string =>
  [
    '| Setting | Default | Meaning |',
    '|---|---|---|',
    ...tableOf(shape).map(
      ({ name, fallback, description }) =>
        `| \`${name}\` | ${fallback ? `\`${fallback}\`` : ''} | ${description} |`,
    ),
  ].join('\n');

/** As lines of a file of environment variables, each a comment that shows the default. */
export const exampleOf = (shape: Shape): string =>
  tableOf(shape)
    .map(({ name, fallback = '', description }) => `# ${description}\n# ${name}=${fallback}\n`)
    .join('\n');

/**
 * Parses settings from `env`. An absent or empty variable takes its default.
 * @throws TerminalError bad_setting: one sentence that names the setting; a secret's value is not repeated
 */
export const parseSettings = <S extends z.ZodObject>(
  schema: S,
  env: { readonly [name: string]: string | undefined },
): z.output<S> => {
  const table = tableOf(schema.shape);
  const given = Object.fromEntries(
    table.map(({ field, name, fallback }) => [field, env[name]?.trim() || fallback]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const entry = table.find(({ field }) => field === issue?.path[0]);
  const value = entry?.secret ? '' : `, not ${JSON.stringify(given[entry?.field ?? ''])}`;
  throw new TerminalError('bad_setting', `${entry?.name} must be ${issue?.message}${value}.`);
};
