import { readFileSync } from 'node:fs';
import { TerminalError } from '../../../shared/domain/errors.ts';

/** Memory, turn or conversation of a file, as its service wrote it. */
export type ImportRecord = { readonly [field: string]: unknown };

/** Fields under which services answer with lists of records. */
const lists = [
  'results',
  'memories',
  'memoryEntries',
  'conversations',
  'memory_detail_list',
  'preference_detail_list',
  'profile_detail_list',
  'event_detail_list',
  'tool_memory_detail_list',
  'skill_detail_list',
  'facts',
  'edges',
  'episodes',
];
const maxDepth = 4;

const isObject = (value: unknown): value is ImportRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasMessages = (value: ImportRecord): boolean => Array.isArray(value['messages']);

/** Records of a value: those of its lists and answers, else the value itself. A text is a memory. */
const recordsOf = (value: unknown, depth = 0): ImportRecord[] => {
  if (Array.isArray(value)) return value.flatMap((one) => recordsOf(one, depth));
  if (typeof value === 'string') return [{ memory: value }];
  if (!isObject(value)) return [];
  if (depth === maxDepth) return [value];
  if (typeof value['data'] === 'object' && value['data'] !== null)
    return recordsOf(value['data'], depth + 1);
  const named = lists.filter((name) => Array.isArray(value[name]));
  if (named.length === 0) return [value];
  const inner = named.flatMap((name) => recordsOf(value[name], depth + 1));
  return hasMessages(value) ? [value, ...inner] : inner;
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TerminalError('bad_file', `${file} cannot be read.`, error);
  }
};

const parseLines = (text: string, file: string): unknown[] =>
  text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line)];
    } catch (error) {
      const sentence = `${file} is neither JSON nor JSON Lines: line ${index + 1} is not valid.`;
      throw new TerminalError('bad_file', sentence, error);
    }
  });

/**
 * Reads a JSON or JSON Lines file of records, in its order. A list, an answer of a service and lines of answers are the same.
 * @throws TerminalError bad_file
 */
export const readRecords = (file: string): ImportRecord[] => {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = parseLines(text, file);
  }
  const records = recordsOf(value);
  if (records.length > 0) return records;
  throw new TerminalError('bad_file', `${file} has no memories, turns or conversations.`);
};
