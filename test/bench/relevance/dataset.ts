import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Kind = z.enum(['paraphrase', 'keyword', 'name', 'identifier', 'rare word', 'short']);
const Saved = z.strictObject({
  facts: z.record(
    z.string(),
    z.record(z.string(), z.strictObject({ memory: z.string().optional(), said: z.string() })),
  ),
  questions: z.array(
    z.strictObject({
      kind: Kind,
      text: z.string(),
      right: z.array(z.string()).min(1),
      also: z.array(z.string()).default([]),
    }),
  ),
});
const Nonsense = z.strictObject({ training: z.array(z.string()), unseen: z.array(z.string()) });

export type Kind = z.output<typeof Kind>;
/** `right` answers the question; `related` is of the same subject, so that its score does not matter; others are unrelated. */
export type Label = 'right' | 'related' | 'unrelated';

export interface Fact {
  name: string;
  subject: string;
  /** Third person, as a model would put it; some facts are sentences of the user. */
  memory: string;
  /** Words of the user. */
  said: string;
}

export interface Question {
  kind: Kind;
  text: string;
  /** Label of every fact of the user, by name. */
  labels: ReadonlyMap<string, Label>;
}

export interface User {
  name: string;
  facts: Fact[];
  questions: Question[];
}

/** Users by whom rankings may be fitted, and users that only the benchmark reads. */
export const usersOf = {
  training: [
    'devin',
    'greta',
    'hassan',
    'lucia',
    'mara',
    'owen',
    'priyanka',
    'tobias',
    'anneke',
    'bilal',
    'carmel',
    'dmitri',
    'esther',
    'finnian',
  ],
  unseen: ['felix', 'noor', 'rosa', 'yuki'],
} as const;

const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/**
 * Alternates the subjects, so that facts added one after the other are unrelated: the context of a fact must not make it
 * relevant by chance.
 */
const alternate = (subjects: readonly Fact[][]): Fact[] => {
  const longest = Math.max(...subjects.map(({ length }) => length));
  return Array.from({ length: longest }).flatMap((_, i) =>
    subjects.flatMap((facts) => facts[i] ?? []),
  );
};

const readUser = (name: string, path: string): User => {
  const saved = Saved.parse(readJson(path));
  const bySubject = Object.entries(saved.facts).map(([subject, facts]) =>
    Object.entries(facts).map(
      ([fact, { memory, said }]): Fact => ({ name: fact, subject, memory: memory ?? said, said }),
    ),
  );
  const facts = alternate(bySubject);
  const labelsOf = (right: readonly string[], also: readonly string[]): Map<string, Label> => {
    const subjects = new Set([
      ...also,
      ...facts.filter((fact) => right.includes(fact.name)).map(({ subject }) => subject),
    ]);
    return new Map(
      facts.map((fact) => [
        fact.name,
        right.includes(fact.name) ? 'right' : subjects.has(fact.subject) ? 'related' : 'unrelated',
      ]),
    );
  };
  const questions = saved.questions.map(({ kind, text, right, also }) => {
    const named = [...right, ...also];
    const unknown = named.filter(
      (id) => !facts.some(({ name: f, subject }) => [f, subject].includes(id)),
    );
    if (unknown.length > 0) throw new Error(`${path}: no fact or subject ${unknown}`);
    return { kind, text, labels: labelsOf(right, also) };
  });
  return { name, facts, questions };
};

/** Reads the users of one part of the data set. */
export const readUsers = (part: keyof typeof usersOf): User[] =>
  usersOf[part].map((name) => readUser(name, `${part}/${name}.json`));

/** Reads twenty facts and questions that share almost no word, each fact of a subject of its own. */
export const readEveryday = (): User => readUser('everyday', 'everyday.json');

/** Reads queries that no memory of the users of that part answers. */
export const readNonsense = (part: keyof typeof usersOf): string[] =>
  Nonsense.parse(readJson('nonsense.json'))[part];
