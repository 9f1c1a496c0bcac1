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
/** A line of a chat log: "[10:02] Kai: ...", "Tom: ...", "Rosa, 14:02: ...", "Kim 10:22 - ...", "<Amir> ...". */
const logged =
  /^(?:\[[^\]\n]{1,30}\] ?)?<?(\p{Lu}[\p{L}'.-]{1,30}(?: \p{Lu}[\p{L}'-]{1,30})?|me|Me)(?::|>|,? \(?\d{1,2}[:.]\d\d(?: ?[ap]m)?\)?(?::| -)) (\S.*)$/u;
const timed = /^(?:\[[^\]\n]{1,30}\] ?|<[^>\n]{2,40}> |[\p{L}' -]{2,40},? \(?\d{1,2}[:.]\d\d)/u;
const me = /^(?:me|I)$/i;
const firstPerson = /(?:^|[\s"'(])(?:I|i|my|My|I'm|i'm|I’m|me|we|We|our)\b/;
const addressesReader = /\b(?:you|your)\b/i;
const noAuthor =
  /^(?:fwd?|re|rewrite|translate|summari[sz]e|correct|proofread|explain|fix|improve|paraphrase|write|text|quote|title|context|prompt|input|output|name|job|age|city|note|notes|ps|p\.s|important|update|correction|edit|todo|system|assistant|user|human|ai|remember|reminder|fyi|address|email|phone|hobbies|likes|dislikes|allergies|point|example|question|answer|warning|tip|summary|plan|goal|today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)$/i;

const spoke =
  '(?:wrote|writes|texted|texts|messaged|posted|emailed|mailed|replied|answered|says?|said|told|tells|goes|asked|commented|pinged|to)';
const oneAuthor =
  "((?:[Mm]y|[Oo]ur|[Aa]n?|[Tt]he|[Tt]his|[Ss]omeone|[Ss]omebody) [\\p{L}' -]{2,40}?|mom|mum|dad|grandma|grandpa|\\p{Lu}[\\p{L}'.-]{1,30}(?: \\p{Lu}[\\p{L}'-]{1,30})?)";
const words = '["\']?(\\S.*?)["\']?$';
/** "My boss wrote: ...", "Omar just texted me: ...", "As my grandfather used to say: ...", "Here's what my son wrote in his essay: ..." */
const wrote = new RegExp(
  `^(?:[Aa]s |[Hh]ere(?:'s| is) what |[Tt]his is what )?${oneAuthor} (?:just |also |then |always |once |used to )?${spoke}(?: (?:me|us|to me|back|today|yesterday|in [\\p{L}' ]{2,30}|on [\\p{L}' ]{2,30})){0,3}: ?${words}`,
  'u',
);
/** "Message from my brother: ...", "Got a text from Ines: ...", "Sent by my aunt: ..." */
const messageFrom = new RegExp(
  `^(?:[\\p{L}']{1,12} ){0,5}(?:[Ss]ent by|[Ww]ritten by|[Ss]aid by|[Pp]osted by|[Ff]rom|[Oo]f) ${oneAuthor}: ?${words}`,
  'u',
);
/** Words of a figure, an advertisement or a book: "the ad says I ...", "the character in my game says ..." */
const ofFigure =
  /^(?:the|this|that|an?) (?:[\p{L}-]{1,20} ){0,2}(?:character|hero|heroine|villain|narrator|singer|song|book|novel|ad|advert|poster|sign|review|meme|tweet|post|article|shirt|caption|slogan)\b[^:"]{0,40} (?:says?|said|reads?|goes|wrote|sings?):? /iu;
/** A reply of a mail program: "On Monday, Bob wrote:" above the words of Bob. */
const replied =
  /^On [^\n]{5,60},? (\p{Lu}[\p{L}'-]{1,30}(?: \p{Lu}[\p{L}'-]{1,30})?)[^\n]{0,50} wrote:$/u;
const cited = /^> ?/;
const possessed = /^(\p{Lu}[\p{L}-]{1,30})['’]s [\p{L} -]{3,30}: (\S.*)$/u;
/** A forwarded text, and the signature at its end: "Fwd: ... Regards, Priya". */
const opensForwarded =
  /^(?:(?:fwd?|forwarded)(?: message)?: ?|(?:dear|hello|hi) [\p{L} ]{2,30}, )(?=\S)/iu;
const signature =
  /(?:^|[\s,.])(?:(?:kind |best |warm )?regards|best|cheers|yours|sincerely|love),? (\p{Lu}[\p{L}'-]{1,30})[.!]?$/iu;
const maxSignature = 70;
const salutation = /^(?:hello|hi|dear)(?: (?:all|everyone|team|sir|madam|\p{L}{2,20}))?, ?/iu;

const maxRead = 5_000;

/** Heading of a mail program above a text that is passed on. */
const opensMail = /^[- ]{0,20}(?:begin )?(?:fwd?|forwarded|original)(?: message)?:?[- ]{0,20}$/i;

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
  const before = lines.slice(0, start).join('\n').trim().replace(opensMail, '');
  return [...(before === '' ? [] : [{ text: before }]), { author, text }];
};

const logIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  const said = lines.map((line) => logged.exec(line));
  const isLog =
    said.length > 0 &&
    said.every((line) => line !== null && !noAuthor.test(line[1] ?? '')) &&
    (lines.some((line) => timed.test(line)) ||
      said.some((line) => firstPerson.test(line?.[2] ?? '')) ||
      (said.length === 1 && addressesReader.test(said[0]?.[2] ?? '')));
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
  if (content.includes('\n')) return undefined;
  if (ofFigure.test(content) && firstPerson.test(content.replace(ofFigure, '')))
    return [{ text: content, isForeign: true }];
  const [, author, text] =
    wrote.exec(content) ?? messageFrom.exec(content) ?? possessed.exec(content) ?? [];
  if (author === undefined || text === undefined || noAuthor.test(author)) return undefined;
  return firstPerson.test(text) || addressesReader.test(text) ? [{ author, text }] : undefined;
};

/** Cited text of a message, with the person that is named above it. Text without a name is left to the reader of prose. */
const citedIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  const own = lines.filter((line) => !cited.test(line));
  const author = own.map((line) => replied.exec(line.trim())?.[1]).find(Boolean);
  if (author === undefined || own.length === lines.length) return undefined;
  const quote = lines.filter((line) => cited.test(line)).map((line) => line.replace(cited, ''));
  const rest = own
    .filter((line) => !replied.test(line.trim()))
    .join('\n')
    .trim();
  return [...(rest === '' ? [] : [{ text: rest }]), { author, text: quote.join('\n') }];
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
    citedIn(trimmed) ??
    logIn(trimmed) ??
    forwardedIn(trimmed) ??
    forwardIn(trimmed) ??
    playIn(trimmed) ??
    quotedIn(trimmed) ?? [{ text: content }]
  );
};
