import { clauseVerb } from './slots.ts';

/** A sentence about the person that memories are about, split as rules need it. */
export interface Statement {
  /** The sentence without its full stop. */
  text: string;
  /** Predicate of a sentence about the person: "lives in Oslo" of "User lives in Oslo". Absent where the sentence is about something else. A sentence with several is several statements. */
  predicate?: string;
  /** Attribute of the person, and its value: "salary" and "80,000" of "User's salary is 80,000". */
  attribute?: { name: string; value: string };
}

/** Bounds of what is read of one memory. */
const maxCharacters = 2_000;
const maxSentences = 8;
const maxSentenceLength = 400;

const person = /^(?:(?:the )?(?:user|customer|client|person|patient)|i|we)\s+(?=\p{L})/iu;
const owner =
  /^(?:(?:the )?(?:user|customer|client|person|patient)['’]s|my|our)\s+(?:own\s+)?(?=\p{L})/iu;
const contracted = /^(?:i['’]m|(?:the )?user['’]s(?=\s+(?:an?|not|now)\s))\s+/i;
const perfect = /^i['’]ve\s+/i;
/** Verbs that open a sentence without a subject, as lists of facts have them: "Lives in Oslo". */
const bareVerb =
  /^(?:lives?|works?|has|owns?|is|likes?|loves?|enjoys?|prefers?|hates?|dislikes?|speaks?|drives?|plays?|studies|takes?|earns?|weighs?|wants|plans|born|married|allergic)\s/i;
const copula =
  /^(.{1,80}?)\s+(?:is|are)\s+(?:(?:now|currently|still|also|called|named)\s+)*(.+)$/is;
const apposition = /^([\p{Ll} ]{2,60}?)(?:\s+(?:called|named)|:)\s+(.+)$/su;
/** Subject with a clause of its own: "wife has a dog" is called Fido. */
const ofAnother = /\b(?:has|have|had|owns?|got|likes?|that|who|which|whose)\b/i;
const negation =
  /\b(?:not|never|no|none|without|neither|nor|stopped|quit|cancelled|canceled|gave up|used to|former|formerly|previously|cannot)\b|n['’]t\b/i;

/** Whether words deny something, or say that it is over. */
export const isDenial = (words: string): boolean => negation.test(words);

/** Division of a text into sentences; a full stop after a capital letter or a common abbreviation ends none. */
const sentenceEnd = /(?<!\b(?:\p{Lu}|St|Dr|Mr|Mrs|Ms|Prof|vs|etc))[.!?](?=\s|$)/u;

/** Text without the words that only say how the sentence opens. */
const opened = (text: string): string =>
  text.replace(
    /^(?:and|but|also|well|so|oh|hey|hi|yes|by the way|note that|remember that)[,\s]+/i,
    '',
  );

const attributeOf = (text: string): Statement['attribute'] => {
  const [, name, value] = copula.exec(text) ?? apposition.exec(text) ?? [];
  if (name === undefined || value === undefined || ofAnother.test(name)) return undefined;
  return { name, value };
};

const read = (sentence: string): Statement => {
  const text = opened(sentence.trim().slice(0, maxSentenceLength));
  const said = contracted.test(text)
    ? `is ${text.replace(contracted, '')}`
    : perfect.test(text)
      ? `has ${text.replace(perfect, '')}`
      : undefined;
  if (said !== undefined) return { text, predicate: said };
  if (owner.test(text)) {
    const attribute = attributeOf(text.replace(owner, ''));
    return { text, ...(attribute && { attribute }) };
  }
  if (person.test(text)) return { text, predicate: text.replace(person, '') };
  if (bareVerb.test(text)) return { text, predicate: text.charAt(0).toLowerCase() + text.slice(1) };
  const attribute = attributeOf(text.replace(/^(?:the|an?)\s+/i, ''));
  return { text, ...(attribute && { attribute }) };
};

const nextClause = new RegExp(`,? and (?:(?:I|we) )?(?=${clauseVerb} )`, 'i');
/** Words that the verbs of later clauses depend on: "wants to live in Oslo and work at Siemens" says nothing of today. */
const dependent = /\bto \p{Ll}|\b(?:would|will|might|may|could|can|should)\b/u;
const owning =
  /^((?:(?:now|currently|still|also|just|recently) )*(?:has|have|owns?|got|adopted) )an? /i;
const nextOwned = /(?:,|,? and) (?=(?:an?|one|two|three|four|five|\d{1,2}) \p{L})/u;

/** Returns what each clause of a predicate says by itself: "has a dog and a cat" is also "has a cat". The first one stays as it is. */
const clausesOf = (predicate: string): string[] => {
  const [first = '', ...others] = predicate.split(nextClause);
  const later = isDenial(first) || dependent.test(first) ? [] : others;
  const [, verb] = owning.exec(first) ?? [];
  const owned = verb === undefined || isDenial(first) ? [] : first.split(nextOwned).slice(1);
  return [predicate, ...owned.map((noun) => `${verb}${noun}`), ...later];
};

const withClauses = (statement: Statement): Statement[] =>
  statement.predicate === undefined
    ? [statement]
    : clausesOf(statement.predicate).map((predicate) => ({ ...statement, predicate }));

/** Reads the sentences of a memory, in the third or the first person; only its beginning if it is long. */
export const statementsOf = (text: string): Statement[] =>
  text
    .slice(0, maxCharacters)
    .split(sentenceEnd)
    .filter((sentence) => sentence.trim() !== '')
    .slice(0, maxSentences)
    .map(read)
    .flatMap(withClauses);
