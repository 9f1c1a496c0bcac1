import type { Entities } from '../memory/entities.ts';
import type { MemoryView } from '../memory/memory.ts';
import type { Json } from '../memory/turn.ts';
import type { ObjectShape, Shape } from './shape.ts';
import { fitTo, type Shaped } from './shaped-value.ts';

/*
 * Memories themselves as parts of a derived value: copied field by field, never written by a model.
 */

/** Names of the text of a memory. An object with one of these properties is a memory. */
const textNames: readonly string[] = ['memory', 'text'];

/** Name of an array of texts that stands for all memories. */
const allName = 'memories';

const ownerOf = ({ user, agent, app, run }: Entities) => ({
  user_id: user,
  agent_id: agent,
  app_id: app,
  run_id: run,
});

const isoTime = (ms: number): string => new Date(ms).toISOString();

const fieldsOf = (memory: MemoryView): { [name: string]: Json | undefined } => ({
  id: memory.id,
  memory: memory.text,
  text: memory.text,
  ...ownerOf(memory.entities),
  categories: memory.categories,
  created_at: isoTime(memory.createdAt),
  updated_at: isoTime(memory.updatedAt),
  expiration_date: memory.expiresOn,
});

const isRow = (shape: Shape): shape is ObjectShape =>
  shape.type === 'object' && textNames.some((name) => shape.properties[name]?.type === 'string');

/** Shape of the entries of an array that holds memories; undefined for other arrays, and for what is no array. */
const rowsIn = (shape: Shape, name: string): Shape | undefined => {
  if (shape.type !== 'array') return undefined;
  if (isRow(shape.items)) return shape.items;
  return shape.items.type === 'string' && name === allName ? shape.items : undefined;
};

/** Fields of a memory as the schema names them. Other names are keys of its metadata. */
const rowOf = (shape: Shape, memory: MemoryView): Json => {
  if (shape.type !== 'object') return memory.text;
  const fields = fieldsOf(memory);
  const value = Object.fromEntries(
    Object.keys(shape.properties).map((name) => [
      name,
      Object.hasOwn(fields, name)
        ? fields[name]
        : Object.hasOwn(memory.metadata, name)
          ? memory.metadata[name]
          : null,
    ]),
  );
  return fitTo(shape, value);
};

/** A shape whose properties are the fields of one memory asks for all of them: as entries of `memories`. */
export const withRows = (shape: ObjectShape): ObjectShape =>
  isRow(shape)
    ? { type: 'object', properties: { memories: { type: 'array', items: shape } } }
    : shape;

/** Divides a shape into arrays of memories, by their names, and the part that has to be filled. */
export const divided = (shape: ObjectShape): { rows: [string, Shape][]; rest: ObjectShape } => {
  const rows: [string, Shape][] = [];
  const rest: [string, Shape][] = [];
  for (const [name, part] of Object.entries(shape.properties)) {
    const items = rowsIn(part, name);
    if (items) rows.push([name, items]);
    else rest.push([name, part]);
  }
  return { rows, rest: { type: 'object', properties: Object.fromEntries(rest) } };
};

/** Names of fields of a memory that are short whatever it says. */
const shortNames: ReadonlySet<string> = new Set([
  ...['id', 'user_id', 'agent_id', 'app_id', 'run_id', 'categories'],
  ...['created_at', 'updated_at', 'expiration_date'],
]);

/** How often the arrays repeat what is long of a memory: its text, or a value of its metadata. */
export const copiesOf = (rows: readonly [string, Shape][]): number =>
  rows.reduce(
    (sum, [, items]) =>
      sum +
      (items.type === 'object'
        ? Object.keys(items.properties).filter((name) => !shortNames.has(name)).length
        : 1),
    0,
  );

/** The arrays of memories of a value, for these memories. */
export const rowsOf = (rows: readonly [string, Shape][], memories: readonly MemoryView[]): Shaped =>
  Object.fromEntries(
    rows.map(([name, items]) => [name, memories.map((memory) => rowOf(items, memory))]),
  );
