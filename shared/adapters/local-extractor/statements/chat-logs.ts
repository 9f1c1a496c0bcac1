import { type Authored, noAuthor } from './authored.ts';

const kin =
  'sister|brother|mother|father|mum|mom|dad|wife|husband|boss|manager|friend|son|daughter|partner|girlfriend|boyfriend|flatmate|roommate|landlord|landlady|doctor|teacher|colleague|neighbou?r|aunt|uncle|cousin|gran|grandma|grandpa|niece|nephew|ex';
const name = String.raw`(?:(?:[Mm]y|[Oo]ur) (?:${kin})|(?:Speaker|Person|Caller|Guest|Interviewer) [\dA-Z]|\p{L}[\p{L}'’.-]{0,30}(?: \p{Lu}[\p{L}'’.-]{0,30}){0,2})`;
const clock = String.raw`\d{1,2}[:.][0-5]\d(?:[:.][0-5]\d)?(?: ?[ap]\.?m\.?)?`;
const day = String.raw`(?:(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\p{L}{3,9},? \d{1,2}|\d{1,2} \p{L}{3,9}|today|yesterday|mon|tue|wed|thu|fri|sat|sun),? (?:at )?)?`;
const stamp = `${day}${clock}`;
/** A message in a chat log, in the forms in which chat programs copy it. */
const forms: readonly RegExp[] = [
  new RegExp(`^[[(]?${stamp}[\\])]? ?[-–—|]? ?<?(?<name>${name})(?:>|:| -) ?(?<text>\\S.*)$`, 'iu'),
  new RegExp(`^(?<name>${name}),? ?[[(]?${stamp}[\\])]?(?::| [-–—]) (?<text>\\S.*)$`, 'iu'),
  new RegExp(`^\\[[^\\]\\n]{1,30}\\] ?<?(?<name>${name})(?:>|:) ?(?<text>\\S.*)$`, 'u'),
  new RegExp(`^<(?<name>${name})>:? (?<text>\\S.*)$`, 'u'),
];
/** "[Ana] I moved", where several rows have a name. */
const bracketed = /^\[(?<name>\p{Lu}[\p{L}'’.-]{0,30})\]:? (?<text>\S.*)$/u;
const timed: readonly RegExp[] = forms;
const untimed = new RegExp(
  `^(?<name>${name})(?:: | ?>> ?| ?> ?(?=(?:[Ii]|[Ww]e|[Mm]y|[Oo]ur)\\b)| [-–—] )(?<text>\\S.*)$`,
  'u',
);
const dashed = /^[\p{L} '’.-]{1,64} [-–—] \S/u;
/** A name and a time above the message. */
const above = new RegExp(
  `^(?<name>${name})(?:,| [-–—]| at)? {0,3}[[(]?${stamp}[\\])]?(?: ?[ap]m)?:?$`,
  'iu',
);
const me = /^(?:me|i|you|myself)$/i;
const firstPerson = /(?:^|[\s"'(])(?:I|i|my|My|I'm|i'm|im|I’m|ive|me|we|We|our)\b/;
const addressesReader = /\b(?:you|your)\b/i;
const announces =
  /^#|:$|\b(?:chat|screenshot|whatsapp|slack|discord|telegram|signal|teams|conversation|messages?|texts?|thread|dms?|transcript|log|convo|group)\b/i;

interface Entry {
  author: string;
  text: string;
  isTimed: boolean;
}

/** Emphasis of a name, and words between the name and its colon: "*Ana*:", "Ben (colleague):", "Ana via WhatsApp:". */
const emphasis = /^[*_]([\p{L}][\p{L} .'’-]{0,40})[*_](?=: )/u;
const between =
  /^([\p{L}][\p{L}.'’-]{0,30}(?: \p{Lu}[\p{L}.'’-]{0,30})?) (?:\([^()]{1,30}\)|(?:via|on|in|over) \p{L}{2,12}|just now|earlier|today|yesterday|this morning|last night)(?=: )/u;

/** A name in small letters that is one of an app: "@rosa:", "bert on discord:", "rosa (via slack):". */
const handle =
  /^(?:@(?=[\p{L}\d_.-]{2,30}:)|(?=\p{Ll}[\p{L}.'’-]{1,30} \(?(?:via|on|over) (?:slack|discord|whatsapp|telegram|signal|teams|messenger|sms|text|instagram)\)?:))(\p{L}[\p{L}\d_.'’-]{1,30})/iu;

const readEntry = (row: string): Entry | undefined => {
  const plain = row
    .replaceAll('**', '')
    .trim()
    .replace(handle, (_, named: string) => named.charAt(0).toUpperCase() + named.slice(1))
    .replace(emphasis, '$1')
    .replace(between, '$1');
  for (const form of timed) {
    const { name: author, text } = form.exec(plain)?.groups ?? {};
    if (author !== undefined && text !== undefined) return { author, text, isTimed: true };
  }
  const { name: author, text } = (untimed.exec(plain) ?? bracketed.exec(plain))?.groups ?? {};
  if (author !== undefined && text !== undefined) return { author, text, isTimed: false };
  const heading = above.exec(plain)?.groups?.['name'];
  return heading === undefined ? undefined : { author: heading, text: '', isTimed: true };
};

const ofOwn = new RegExp(`^(?:my|our) (?:${kin})$`, 'i');
const isName = (author: string): boolean =>
  /^\p{Lu}/u.test(author) || me.test(author) || ofOwn.test(author);

/** Whether names are written as such, or return as no label of a note does. */
const areAuthors = (entries: readonly Entry[]): boolean => {
  const names = new Set(entries.map(({ author }) => author.toLowerCase()));
  return (
    entries.every(({ author }) => !noAuthor.test(author)) &&
    (entries.every(({ author }) => isName(author)) ||
      names.size < entries.length ||
      entries.some(({ author }) => me.test(author)))
  );
};

/** A dash stands behind many words: it ends a name only where the speaker is among the names. */
const isDashed = (rows: readonly string[], entries: readonly Entry[]): boolean =>
  rows.some((row) => dashed.test(row)) &&
  !entries.some(({ author, isTimed }) => isTimed || me.test(author));

const isLog = (entries: readonly Entry[]): boolean =>
  areAuthors(entries) &&
  (entries.some(({ isTimed }) => isTimed) ||
    entries.some(({ text }) => firstPerson.test(text)) ||
    (entries.length === 1 && addressesReader.test(entries[0]?.text ?? '')));

/** Rows that may stand in front of the first message. */
const maxHeading = 2;

/** Messages of a chat log, each with the rows that continue it. */
const readEntries = (rows: readonly string[]): { entries: Entry[]; continued: number } => {
  const entries: Entry[] = [];
  let continued = 0;
  for (const row of rows) {
    const entry = readEntry(row);
    const last = entries.at(-1);
    if (entry) entries.push(entry);
    else if (last) {
      if (last.text !== '') continued += 1;
      last.text = `${last.text}\n${row.trim()}`.trimStart();
    }
  }
  return { entries, continued };
};

/** Heading and messages of a text that may be a chat log. */
const entriesOf = (rows: readonly string[]): { heading: string; entries: Entry[] } | undefined => {
  const start = rows.findIndex((row) => readEntry(row) !== undefined);
  if (start < 0 || start > maxHeading) return undefined;
  const { entries, continued } = readEntries(rows.slice(start));
  const said = entries.filter(({ text }) => text !== '');
  return continued <= entries.length && said.length > Math.min(start, 1)
    ? { heading: rows.slice(0, start).join('\n'), entries: said }
    : undefined;
};

/** A quote behind a name and a colon is read with the other quotes. */
const isQuote = ([entry, other]: readonly Entry[]): boolean =>
  entry !== undefined && other === undefined && !entry.isTimed && /^["“„«']/u.test(entry.text);

/** "My landlord: Mr. Ortiz, I pay him on the 1st" says who the landlord is. */
const isNote = ([entry, other]: readonly Entry[]): boolean =>
  entry !== undefined &&
  other === undefined &&
  ofOwn.test(entry.author) &&
  !/^(?:I|we|my|our)\b/i.test(entry.text);

/** Parts of a chat log by their authors: "[10:02] Kai: ...", "Tom: ...", "Rosa, 14:02: ...", "19:40 - Tove: ...", "<Amir> ...". */
export const chatLogIn = (content: string): Authored[] | undefined => {
  const rows = content.split('\n').filter((row) => row.trim() !== '');
  const log = entriesOf(rows);
  if (!log || isQuote(log.entries) || !isLog(log.entries) || isDashed(rows, log.entries))
    return undefined;
  if (isNote(log.entries) || (log.entries.length === 1 && bracketed.test(rows[0] ?? '')))
    return undefined;
  const others = new Set(
    log.entries.map(({ author }) => author).filter((author) => !me.test(author)),
  );
  if (others.size === 0) return undefined;
  const [other] = others.size === 1 ? others : [];
  const parts = log.entries.map(
    ({ author, text }): Authored =>
      me.test(author)
        ? { text, isChat: true, ...(other !== undefined && { addressee: other }) }
        : { author, text, ...(log.entries.length > 1 && { isChat: true }) },
  );
  const isAnnounced = log.heading === '' || announces.test(log.heading);
  return isAnnounced ? parts : [{ text: log.heading }, ...parts];
};
