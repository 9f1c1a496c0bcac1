/** A part of a message, and its author where that is not the writer of the message. */
export interface Authored {
  author?: string;
  text: string;
  /** The author of the words is not named. */
  isForeign?: true;
  /** The author is a part to play. */
  isPlay?: true;
}

const header = /^(?:from|to|cc|subject|date|sent|reply-to): ?.{0,200}$/i;
const from = /^from: ?"?([^"<@\n]{2,60})/i;
/** A line of a chat log: "[10:02] Kai: ...", "Tom: ...". */
const logged =
  /^(?:\[[^\]\n]{1,30}\] ?)?(\p{Lu}[\p{L}'-]{1,30}(?: \p{Lu}[\p{L}'-]{1,30})?|me|Me): (\S.*)$/u;
const timed = /^\[[^\]\n]{1,30}\] ?/;
const me = /^(?:me|I)$/i;
const firstPerson = /(?:^|[\s"'(])(?:I|i|my|My|I'm|i'm|I’m|me|we|We|our)\b/;
const noAuthor =
  /^(?:fwd?|re|rewrite|translate|summari[sz]e|correct|proofread|explain|fix|improve|paraphrase|write|text|quote|title|context|prompt|input|output|name|job|age|city|note|notes|ps|p\.s|important|update|correction|edit|todo|system|assistant|user|human|ai|remember|reminder|fyi|address|email|phone|hobbies|likes|dislikes|allergies|point|example|question|answer|warning|tip|summary|plan|goal|today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/i;

/** "My boss wrote: ...", "Omar writes: ...", "Zoe's out of office: ..." */
const wrote =
  /^((?:[Mm]y|[Oo]ur|[Aa]n?|[Tt]he) [\p{L}' -]{2,40}?|\p{Lu}[\p{L}'-]{1,30}) (?:wrote|writes|texted|texts|posted|emailed|replied|says|said)(?: me| us| to me)?: ?["']?(\S.*?)["']?$/u;
const possessed = /^(\p{Lu}[\p{L}-]{1,30})['’]s [\p{L} -]{3,30}: (\S.*)$/u;
/** A forwarded text, and the signature at its end: "Fwd: ... Regards, Priya". */
const opensForwarded =
  /^(?:(?:fwd?|forwarded)(?: message)?: ?|(?:dear|hello|hi) [\p{L} ]{2,30}, )(?=\S)/iu;
const signature =
  /(?:^|[\s,.])(?:(?:kind |best |warm )?regards|best|cheers|yours|sincerely|love),? (\p{Lu}[\p{L}'-]{1,30})[.!]?$/iu;
const maxSignature = 70;
const salutation = /^(?:hello|hi|dear)(?: (?:all|everyone|team|sir|madam|\p{L}{2,20}))?, ?/iu;

const maxRead = 5_000;

const mailIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  const start = lines.findIndex((line) => from.test(line));
  if (start < 0 || !header.test(lines[start + 1] ?? '')) return undefined;
  const author = from.exec(lines[start] ?? '')?.[1]?.trim();
  const body = lines.slice(start).findIndex((line) => !header.test(line));
  if (author === undefined || me.test(author) || body < 0) return undefined;
  const text = lines
    .slice(start + body)
    .join('\n')
    .trim();
  const before = lines.slice(0, start).join('\n').trim();
  return [...(before === '' ? [] : [{ text: before }]), { author, text }];
};

const logIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const said = lines.map((line) => logged.exec(line));
  const isLog =
    said.length > 0 &&
    said.every((line) => line !== null && !noAuthor.test(line[1] ?? '')) &&
    (lines.some((line) => timed.test(line)) ||
      said.some((line) => firstPerson.test(line?.[2] ?? '')));
  if (!isLog) return undefined;
  return said.map((line) => {
    const [, author = '', text = ''] = line ?? [];
    return me.test(author) ? { text } : { author, text };
  });
};

const forwardedIn = (content: string): Authored[] | undefined => {
  const end = Math.max(0, content.length - maxSignature);
  const signed = opensForwarded.test(content) ? signature.exec(content.slice(end)) : undefined;
  const author = signed?.[1];
  if (!signed || author === undefined) return undefined;
  const text = content.slice(0, end + signed.index).replace(opensForwarded, '');
  return [{ author, text: text.replace(salutation, '') }];
};

const opening = /^(?:(?:fwd?|forwarded)(?: message)?: ?|dear (?!diary\b)[\p{L} ]{2,30},)/iu;

const forwardIn = (content: string): Authored[] | undefined =>
  opening.test(content) ? [{ text: content, isForeign: true }] : undefined;

/** A part to play, in which the first person is not the speaker. */
const opensPlay =
  /^(?:(?:let us |let's )?(?:pretend|role-?play|imagine)\b|you(?: are|'re) now \p{Lu}|act (?:as|like) |the lyrics (?:go|are)\b|quote of the day\b|in (?:my|the|this) (?:novel|story|book|game|song|play)\b)/iu;

const playIn = (content: string): Authored[] | undefined =>
  opensPlay.test(content) && firstPerson.test(content.replace(/^[^.:"]*/, ''))
    ? [{ text: content, isForeign: true, isPlay: true }]
    : undefined;

const quotedIn = (content: string): Authored[] | undefined => {
  const [, author, text] = wrote.exec(content) ?? possessed.exec(content) ?? [];
  if (author === undefined || text === undefined || content.includes('\n')) return undefined;
  return firstPerson.test(text) && !noAuthor.test(author) ? [{ author, text }] : undefined;
};

/**
 * Splits a message into the parts of its authors: mails, chat logs, forwarded and quoted texts are not the words of the person who
 * sends them. A text without such signs is one part without an author.
 */
export const authoredParts = (content: string): Authored[] => {
  if (content.length > maxRead) return [{ text: content }];
  const trimmed = content.trim();
  return (
    mailIn(trimmed) ??
    logIn(trimmed) ??
    forwardedIn(trimmed) ??
    forwardIn(trimmed) ??
    playIn(trimmed) ??
    quotedIn(trimmed) ?? [{ text: content }]
  );
};
