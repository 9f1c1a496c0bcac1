import type { Entities } from './answers.ts';

const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A whole number with separators of thousands. */
export const formatCount = (value: number): string => count.format(value);

/** A duration in its best unit: `420 ms`, `3.2 s`, `4 min`, `2 h`, `3 d`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** A time as `2026-01-31 14:05:09`, in the zone of the reader. */
export const formatTime = (iso: string): string => {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
};

/** The beginning of a text, cut at a whole character. */
export const shorten = (text: string, length = 120): string => {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
};

/** The last characters of an id, which differ between ids of the same moment. */
export const shortId = (id: string): string => (id.length <= 12 ? id : `…${id.slice(-8)}`);

const kinds = ['user', 'agent', 'app', 'run'] as const;

/** The entities of a body as `user ana, run 7`. */
export const formatEntities = (body: Entities): string =>
  kinds
    .flatMap((kind) => {
      const id = body[`${kind}_id`];
      return id ? [`${kind} ${id}`] : [];
    })
    .join(', ');

/** Pairs `key=value` separated by commas, as an object of texts; undefined unless each has both. */
export const parsePairs = (text: string): { [key: string]: string } | undefined => {
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()];
    });
  return pairs.some(([key, value]) => key === '' || value === '')
    ? undefined
    : Object.fromEntries(pairs);
};
