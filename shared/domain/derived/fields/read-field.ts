import { analyze } from '../../memory/analyzer.ts';
import type { Json } from '../../memory/turn.ts';
import type { Shape } from '../shape.ts';
import { booleanBy } from './boolean-value.ts';
import { type Asked, type Field, hasWords } from './field.ts';
import { isDenial, type Statement } from './statement.ts';
import { emailIn, formatted, nameIn, numberIn, phoneIn, spokenDateIn } from './typed-value.ts';

/** Words of a statement that fill a field. */
interface Said {
  value: string;
  /** Whether the value is a whole sentence that names the field, without saying its value. */
  isSentence: boolean;
}

/** A value that a statement gives a field; `isSentence` as of what was said: any other value is better. */
export interface FieldValue {
  value: Json;
  isSentence: boolean;
}

const possessor = /(?<!\p{L})(\p{L}+)['’]s\s/gu;

/** Whether what a sentence calls the person's own is what the field asks for, and not something of it or of another person. */
const isAttributeOf = (name: string, { words }: Asked, isName: boolean): boolean => {
  if (words.length === 0)
    return isName && /^(?:(?:full|first|last|real) )?name$|^surname$/i.test(name);
  const bare = isName ? name.replace(/['’]s? (?:full |first |last )?name$| name$/i, '') : name;
  const stems = new Set(analyze(bare));
  if (!hasWords(stems, words)) return false;
  const asked = new Set(words.flat());
  const owners = [...bare.matchAll(possessor)].flatMap(([, owner = '']) => analyze(owner));
  if (!owners.every((stem) => asked.has(stem))) return false;
  const head = analyze(bare.replace(/ (?:of|for|in|at|on|with) .*$/is, '')).at(-1);
  return head === undefined || asked.has(head) || /^(?:number|address|date|time|size)$/.test(head);
};

/** Words between a number and what it counts. */
const maxDistance = 4;

const article = /^(?:an?|the)\s+/i;
const preposition = /^(?:on|in|at|about|around)\s+/i;
const having =
  /^(?:(?:now|currently|still|also|just|recently|have|has) )*(?:has|have|owns?|got|adopted|bought|keeps?) (an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3}|the|any|no)? ?((?:[\p{L}'’-]+ ){0,3}?[\p{L}'’-]+?)(?:,? (?:called|named) (.+?))?(?=[,;(]| (?:and|with|who|which|that|in|at|from|for|since|because|but|aged)\b|$)/iu;

interface Having {
  amount: string;
  noun: string;
  name: string | undefined;
}

const havingOf = (predicate: string): Having | undefined => {
  const [, amount = '', noun = '', name] = having.exec(predicate) ?? [];
  return noun === '' ? undefined : { amount, noun, name };
};

/** Whether the head of a noun phrase is the last word that the field asks for, and the phrase has the others. */
const isNounOf = (noun: string, { words }: Asked): boolean => {
  const stems = analyze(noun);
  const head = stems.at(-1);
  return (
    head !== undefined && hasWords(new Set(stems), words) && words.some((one) => one.includes(head))
  );
};

const bySlot = ({ slot }: Asked, { predicate }: Statement): string | undefined => {
  if (!slot || predicate === undefined) return undefined;
  for (const pattern of slot.patterns) {
    const [all = '', found] = pattern.exec(predicate) ?? [];
    if (found && (slot.isNegative || !isDenial(all))) return found.trim();
  }
  return undefined;
};

const ownedName = (field: Field, asked: Asked, statement: Statement): string | undefined => {
  const { attribute, predicate } = statement;
  if (attribute && isAttributeOf(attribute.name, asked, true))
    return nameIn(attribute.value) ?? undefined;
  const owned = predicate === undefined ? undefined : havingOf(predicate);
  if (owned?.name && asked.words.length > 0 && isNounOf(owned.noun, asked))
    return nameIn(owned.name) ?? undefined;
  const found = bySlot(asked, statement);
  return found === undefined || field.kind !== 'name' ? undefined : (nameIn(found) ?? undefined);
};

const exactly = (value: string): Said => ({ value, isSentence: false });

/** A sentence about the person that has all words of the field says something of it, if not what it is. */
const mention = (field: Field, asked: Asked, statement: Statement): Said | undefined => {
  const { predicate, text } = statement;
  if (field.kind !== undefined || predicate === undefined || isDenial(text)) return undefined;
  if (asked.words.length === 0 || !hasWords(new Set(analyze(predicate)), asked.words))
    return undefined;
  return { value: text, isSentence: true };
};

/** Possession of the person: the sentence, or how many there are. */
const possession = (
  field: Field,
  asked: Asked,
  { predicate, text }: Statement,
): Said | undefined => {
  const owned = predicate === undefined ? undefined : havingOf(predicate);
  if (!owned || asked.words.length === 0 || !isNounOf(owned.noun, asked)) return undefined;
  if (field.kind === 'count') return exactly(owned.amount);
  return /^no$/i.test(owned.amount) ? undefined : { value: text, isSentence: true };
};

const opinion =
  /^(?:(?:very|really|so|too|quite|pretty|rather|extremely|a bit|a lot of) )*(?:boring|exciting|interesting|great|good|bad|nice|fine|okay|ok|fun|awful|terrible|horrible|amazing|awesome|stressful|tiring|exhausting|demanding|hard|difficult|easy|tough|rewarding|fulfilling|important|safe|secure|new|old|big|small|broken|expensive|cheap|far away|nearby)$/i;

const saidBy = (field: Field, asked: Asked, statement: Statement): Said | undefined => {
  const { attribute } = statement;
  if (field.kind === 'name') {
    const name = ownedName(field, asked, statement);
    return name === undefined ? undefined : exactly(name);
  }
  if (attribute && isAttributeOf(attribute.name, asked, false))
    return isDenial(attribute.value) || (asked.slot?.isNamed && opinion.test(attribute.value))
      ? undefined
      : exactly(attribute.value.replace(preposition, ''));
  const slot = bySlot(asked, statement);
  if (slot !== undefined) return exactly(slot);
  return possession(field, asked, statement) ?? mention(field, asked, statement);
};

const partOf = (name: string, part: Field['part']): string | null => {
  const words = name.split(' ');
  if (part === 'first') return words[0] ?? null;
  if (part === 'last') return words.length > 1 ? (words.at(-1) ?? null) : null;
  return name;
};

/** The first option whose words a text has, or null. */
const optionIn = (options: readonly string[], text: string): string | null => {
  const spoken = (one: string) =>
    ` ${one
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()} `;
  const words = spoken(text);
  return options.find((option) => words.includes(spoken(option))) ?? null;
};

const stated =
  /^(?:(?:now|currently) )?(?:is|am|are|became|identifies as|prefers?|uses?|chose|picked) (?:now |currently )?(?:an? |the )?(.+)$/i;

/** An option that a sentence says of the person: "User is vegetarian". */
const statedOption = (options: readonly string[], { predicate }: Statement): string | null => {
  const found = predicate === undefined ? undefined : stated.exec(predicate)?.[1];
  if (found === undefined) return null;
  return options.find((option) => option.toLowerCase() === found.toLowerCase()) ?? null;
};

const textBy = (
  field: Field,
  shape: Extract<Shape, { type: 'string' }>,
  said: Said,
): string | null => {
  if (shape.options) return optionIn(shape.options, said.value);
  if (field.kind === 'email') return emailIn(said.value);
  if (field.kind === 'phone') return phoneIn(said.value);
  if (field.kind === 'name') return partOf(said.value, field.part);
  if (shape.format !== undefined) return formatted(shape, said.value);
  if (field.kind === 'date') return spokenDateIn(said.value);
  return said.isSentence ? `${said.value}.` : said.value.replace(article, '');
};

/** Number of a sentence that counts or measures what the field asks for: "5 years of experience". */
const numberBefore = ({ words }: Asked, text: string): number | null => {
  const tokens = text.split(/\s+/);
  const asked = new Set(words.flat());
  const at = tokens.findIndex((token) => numberIn(token) !== null);
  const after = tokens.slice(at + 1, at + 1 + maxDistance);
  return at >= 0 && after.some((token) => analyze(token).some((stem) => asked.has(stem)))
    ? numberIn(text)
    : null;
};

const numberBy = (field: Field, asked: Asked, { value, isSentence }: Said): number | null => {
  if (field.kind === 'count' && /^(?:an?)$/i.test(value)) return 1;
  if (field.kind === 'count' && /^no$/i.test(value)) return 0;
  return isSentence ? numberBefore(asked, value) : numberIn(value);
};

const itemsOf = (text: string): string[] =>
  text
    .split(/,(?: and| or)? | and | or | & /)
    .map((item) => item.trim().replace(article, ''))
    .filter((item) => item !== '');

const valuesBy = (field: Field, asked: Asked, shape: Shape, statement: Statement): FieldValue[] => {
  if (shape.type === 'boolean') {
    const value = booleanBy(field, asked, statement);
    return value === null ? [] : [{ value, isSentence: false }];
  }
  const said = saidBy(field, asked, statement);
  if (!said) return [];
  const { isSentence } = said;
  if (shape.type === 'number' || shape.type === 'integer') {
    const value = numberBy(field, asked, said);
    return value === null ? [] : [{ value, isSentence }];
  }
  if (shape.type !== 'string') return [];
  const isList = asked.slot?.isList && field.isList && !isSentence && !shape.options;
  const texts = isList ? itemsOf(said.value).map((value) => ({ value, isSentence })) : [said];
  return texts.flatMap((one) => {
    const value = textBy(field, shape, one);
    return value === null ? [] : [{ value, isSentence }];
  });
};

/**
 * Reads the values of a field from one statement, in the type of its shape; none where the statement does not say one. A field that
 * takes a list may get several: "allergic to peanuts and shellfish".
 */
export const readField = (field: Field, shape: Shape, statement: Statement): FieldValue[] => {
  for (const asked of field.asks) {
    const values = valuesBy(field, asked, shape, statement);
    if (values.length > 0) return values;
  }
  const value =
    shape.type === 'string' && shape.options ? statedOption(shape.options, statement) : null;
  return value === null ? [] : [{ value, isSentence: false }];
};
