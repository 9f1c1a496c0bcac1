import { type Authored, noAuthor } from './authored.ts';

/** Words of another person in quotation marks. */
export interface Speech {
  author: string;
  quote: string;
  /** The words with the sentence around them. */
  sentence: string;
}

const firstPerson = /(?:^|[\s"'(])(?:I|i|my|My|I'm|i'm|im|I’m|ive|me|we|We|our)\b/;
const addressesReader = /\b(?:you|your)\b/i;
const spoke =
  '(?:wrote|writes|texted|texts|messaged|posted|emailed|mailed|sent|replied|answered|says?|said|told|tells|goes|went|asked|commented|pinged|claims|claimed|swears|swore|insists|insisted|shouted|yelled|whispered|joked|announced|mentioned|tweeted|admitted|explained|confessed|promised|put it|was like|left (?:me |us )?an? (?:note|message|voicemail|comment)|sent (?:me |us )?an? (?:text|message|note|mail|voice note))';
const adverb =
  '(?:just|also|then|always|once|never|only|literally|finally|used to|keeps on|kept|had|has) ';
const kin = 'mom|mum|mama|dad|papa|grandma|grandpa|granny|gran|nana|mother|father';
const determiner =
  '(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir|[Tt]he|[Aa]n?|[Tt]his|[Oo]ne of my|[Oo]ne of our)';
const title = '(?:Dr|Mr|Mrs|Ms|Prof|Uncle|Aunt|Auntie|Cousin|Coach|Sister|Father)';
const named = `(?:${title}\\.? )?(?!(?:I|He|She|They|We|You|It|What|That|This|There|Then|And|But|So|Someone|Somebody|Everyone|Quoting|According|As|Yesterday|Today|Look|Here|In|At|On|For|From|With|When|If|My|Our|The|Your|His|Her|One)\\b)\\p{Lu}[\\p{L}'-]{1,30}(?: \\p{Lu}[\\p{L}'-]{1,30})?`;
/** A person, by the shortest phrase that names one: "my daughter", "my son's teacher". */
const person = `(?:${determiner} (?:[\\p{L}-]{2,20}['’]s? )?(?:(?:best|old|new|little|big|older|younger|late|good|other|former|ex) )?[\\p{L}-]{2,20}|(?:[Mm]um|[Mm]om|[Dd]ad|[Gg]randma|[Gg]randpa|[Gg]ran)|${named})`;
const noun =
  "(?!(?:and|or|but|then|also|just|only|who|that|when|came|comes|has|had|was|is|again)\\b)[\\p{L}'’-]{2,20}";
const longPerson = `(?:${determiner} (?:${noun} ){0,3}${noun}|${kin}|${named})`;
/** Words in front of an author: "and then my boss", "this is what my ex". */
const lead =
  /^(?:and|but|so|then|well|ok|as|quoting|yesterday|today|last night|this morning|look|lol|omg|here is|here's|here’s|this is|that is|that's|that’s|remember|what|how|when)\b,? ?/i;
const maxLeads = 4;

const withoutLead = (sentence: string): string => {
  let rest = sentence;
  for (let count = 0; count < maxLeads; count += 1) rest = rest.replace(lead, '');
  return rest;
};

const text =
  '(?:message|mail|e-?mail|text|note|letter|reply|comment|post|dm|DM|voicemail|answer|tweet|quote|status|blog|bio|profile|caption|story|out of office|invitation)';

/** Words before a quote. Each names its author. */
const before: readonly RegExp[] = [
  new RegExp(`^(${longPerson}) (?:${adverb})?${spoke}(?:,? [^":]{0,40})?[,:]? ?$`, 'u'),
  new RegExp(`^(${person}) [^":]{1,60} (?:${adverb})?${spoke}(?: [^":]{0,20})?[,:]? ?$`, 'u'),
  new RegExp(`^(?:[Aa]ccording to )?(${longPerson})[:,] ?$`, 'u'),
  new RegExp(
    `^(?:[^\\s"]{1,20} ){0,9}${text}s? (?:[\\p{L}]{1,12} ){0,2}(?:from|by|of) (${longPerson})[?:,.]? ?$`,
    'u',
  ),
  new RegExp(
    `^(?:[Aa]ccording to |[Ff]rom |[Ii]n )?(${person})['’]s? (?:[\\p{L}-]{1,15} ){0,2}${text}[^"]{0,40}$`,
    'u',
  ),
];
/** Words behind a quote. */
const behind: readonly RegExp[] = [
  new RegExp(
    `^,? ?(?:[-–—~] ?)?(?:(?:is|was|that is|that was|that's|that’s|this is) (?:[a-z]{1,12} )?(?:what|how) )?(${person}) (?:[\\p{L}]{1,12} ){0,2}?${spoke}\\b`,
    'u',
  ),
  new RegExp(`^,? ?${spoke} (${person})(?=[\\s,.!]|$)`, 'u'),
  new RegExp(`^ ?[-–—~] ?(${longPerson})(?:, [^",.!]{2,40})?[.!]?$`, 'u'),
];
const noPerson =
  /^(?:i|he|she|it|they|we|you|what|that|this|there|the (?:ad|advert|poster|sign|song|book|novel|film|movie|review|meme|label|manual|article|lyrics|caption|slogan|narrator|singer|character|hero|heroine|villain))$/i;

/** A text in the place of its author: "my roommate's note", "her tweet", "the message". */
const ofText = new RegExp(
  `^(?:(.{2,40})['’]s? (?:[\\p{L}-]{1,15} )?|.*\\s)?(?:${text}|essay|poem|draft|sign|label|chapter|script|résumé|cv)s?(?: (?:starts?|reads?|begins?))?$`,
  'iu',
);

const authorIn = (patterns: readonly RegExp[], words: string): string | undefined => {
  for (const pattern of patterns) {
    const named = pattern.exec(words)?.[1]?.trim();
    const author = named !== undefined && ofText.test(named) ? ofText.exec(named)?.[1] : named;
    if (author !== undefined && !noPerson.test(author) && !noAuthor.test(author)) return author;
  }
  return undefined;
};

const single = /(^|[\s(:])'(?=\S)([^\n"]{2,400}?)'(?=[\s.,!?)]|$)/g;
const quotes = /"([^"\n]{4,800})"/g;
/** A quote in two parts, with its author between: "I moved," Ana said, "and I love it." */
const inTwo = /"([^"\n]{4,300}),?" ([^".!?\n]{4,40}), "([^"\n]{3,300})"/g;
const maxContext = 160;
/** Words behind a quote that add nothing to it: "on her profile". */
const maxRest = 5;

/** The last sentence of the words before a quote, and the one before it if that is a question. */
const lastSentence = (words: string): string =>
  words
    .slice(-maxContext)
    .split(/(?<=[.!;])(?<!\b(?:Dr|Mr|Mrs|Ms|Prof)\.)\s+/)
    .at(-1) ?? '';

const firstSentence = (words: string): string =>
  words.slice(0, maxContext).split(/(?<=[.!?])(?:\s+|$)/)[0] ?? '';

const isSpeech = (quote: string): boolean =>
  firstPerson.test(quote) || addressesReader.test(quote) || quote.split(' ').length > 4;

interface Found extends Speech {
  from: number;
  to: number;
  /** A statement in front of the author: "My daughter wants a pony, she says". */
  before: string;
}

const ownBefore = new RegExp(
  `^((?:[^\\s",]{1,30} ){2,12}[^\\s",]{1,30}),? (?:and |but |so |then )?(?:he|she|they) (?:${adverb})?${spoke}(?: (?:me|us))?[,:]? ?$`,
  'iu',
);
/** Words behind an author that are a statement of their own: "and now I get his team". */
const ownBehind =
  /[,;] (?:and |but |so )?(?:now |then )?(?=(?:I|my|we|our|he|she|they)\b)(?:\S+ ){2}/i;

/** Length of the words behind a quote that name its author. */
const lengthOfAuthor = (ending: string): number => {
  const own = ownBehind.exec(ending);
  return own ? own.index + 1 : ending.length;
};

/** The author of a quote, and the part of the text that belongs to it. */
const speechAt = (row: string, start: number, index: number, quote: string): Found | undefined => {
  const end = index + quote.length + 2;
  const opening = lastSentence(row.slice(start, index));
  const ending = firstSentence(row.slice(end));
  const isBefore = authorIn(before, withoutLead(opening));
  const author = isBefore ?? authorIn(behind, ending);
  if (author === undefined || !isSpeech(quote)) return undefined;
  const isSaid = isBefore === undefined || ending.trim().split(/\s+/).length <= maxRest;
  const ownWords = isBefore === undefined ? '' : (ownBefore.exec(opening)?.[1] ?? '');
  const from = isBefore === undefined ? index : index - opening.length;
  const length = isBefore === undefined ? lengthOfAuthor(ending) : ending.length;
  const to = end + (isSaid ? length : 0);
  return { author, quote, from, to, before: ownWords, sentence: row.slice(from, to) };
};

const hasQuotes = /["“”„«]|(?<![\p{L}\d])'/u;

/** Splits a text into own words and quotes with a named author: My coach said "I am done". */
export const withoutSpeech = (content: string): { own: string; speeches: Speech[] } => {
  if (!hasQuotes.test(content)) return { own: content, speeches: [] };
  const row = content
    .replace(/[“”„«»]/g, '"')
    .replace(single, '$1"$2"')
    .replace(inTwo, '"$1, $3" $2');
  const speeches: Speech[] = [];
  let own = '';
  let from = 0;
  for (const { 1: quote = '', index } of row.matchAll(quotes)) {
    const found = index < from ? undefined : speechAt(row, from, index, quote);
    if (!found) continue;
    speeches.push(found);
    own += `${row.slice(from, found.from)}${found.before === '' ? '' : `${found.before}. `}`;
    from = found.to;
  }
  return speeches.length === 0
    ? { own: content, speeches }
    : { own: own + row.slice(from), speeches };
};

const oneAuthor = `(?:${determiner} [\\p{L}' -]{2,40}?|[Ss]omeone|[Ss]omebody|${kin}|${named})`;
const words = '["\']?(\\S.*?)["\']?$';
/** "My boss wrote: ...", "Omar just texted me: ...", "As my grandfather used to say: ...", "Here's what my son wrote in his essay: ..." */
const wrote = new RegExp(
  `^(?:[Aa]s |[Hh]ere(?:'s| is) what |[Tt]his is what )?(${oneAuthor}) (?:${adverb})?(?:${spoke}|to)(?: (?:me|us|to me|back|today|yesterday|last night|this morning|in [\\p{L}' ]{2,30}|on [\\p{L}' ]{2,30})){0,3}: ?${words}`,
  'u',
);
/** "Quoting Leon here: ..." */
const quoting = new RegExp(`^[Qq]uoting (${oneAuthor})(?: here| now| again)?: ?${words}`, 'u');
/** "Tim here (using Anna's phone): ...", "Hi Sam, it's Leon. ..." */
const introduced = new RegExp(
  `^(?:(?:[Hh]i|[Hh]ey|[Hh]ello|[Dd]ear),? (?!(?:[Tt]here|[Cc]laude|[Cc]hat[Gg][Pp][Tt]|[Aa]ssistant)\\b)\\p{L}{2,20}[,!.]? (?:it['’]s|it is|this is) (${named})(?: here)?|(${named}) here,? \\(?(?:on|using|from|with|via) \\p{L}{2,20}['’]s? (?:phone|account|number|laptop|mail)\\)?)[.:,!]+ (\\S.*)$`,
  'u',
);
/** "Message from my brother: ...", "Got a text from Ines: ...", "Sent by my aunt: ..." */
const messageFrom = new RegExp(
  `^(?:[\\p{L}']{1,12} ){0,5}(?:[Ss]ent by|[Ww]ritten by|[Ss]aid by|[Pp]osted by|[Ff]rom|[Oo]f) (${oneAuthor}): ?${words}`,
  'u',
);
const possessed = /^((?:[Mm]y |[Oo]ur )?[\p{L}-]{2,30})['’]s [\p{L} -]{3,30}: (\S.*)$/u;
/** Words of a figure, an advertisement or a book: "the ad says I ...", "the character in my game says ..." */
const ofFigure =
  /^(?:the|this|that|an?) (?:[\p{L}-]{1,20} ){0,2}(?:character|hero|heroine|villain|narrator|singer|song|book|novel|ad|advert|poster|sign|review|meme|tweet|post|article|shirt|caption|slogan)\b[^:"]{0,40} (?:says?|said|reads?|goes|wrote|sings?):? /iu;

/** A message that has nothing but words of another person. */
export const quotedIn = (content: string): Authored[] | undefined => {
  if (content.includes('\n')) return undefined;
  if (ofFigure.test(content) && firstPerson.test(content.replace(ofFigure, '')))
    return [{ text: content, isForeign: true }];
  if (/: ?["“„«']/.test(content) && withoutSpeech(content).speeches.length > 0) return undefined;
  const [, greeter, sharer, greeted] = introduced.exec(content) ?? [];
  const opened = withoutLead(content);
  const [, author = greeter ?? sharer, said = greeted] =
    wrote.exec(content) ??
    messageFrom.exec(content) ??
    possessed.exec(content) ??
    quoting.exec(content) ??
    wrote.exec(opened) ??
    [];
  if (author === undefined || said === undefined || noAuthor.test(author)) return undefined;
  return firstPerson.test(said) || addressesReader.test(said)
    ? [{ author, text: said }]
    : undefined;
};

/** A request to work on the text behind it, which teaches nothing: "Summarise: I grew up in Leeds". */
const work =
  /^(?:(?:hey|hi|hello|ok|okay|so|now|please|pls|can you|could you|would you|will you|can u|just|kindly|help me(?: to)?|i need you to|i want you to),? ){0,4}(?:summari[sz]e|rewrite|rephrase|reword|translate|proofread|correct|paraphrase|shorten|polish|edit|improve|spell-?check|grammar(?: |-)?check|(?:fix|check|correct) (?:the |my |this )?(?:grammar|spelling|typos?|english)|simplify|reformat|make (?:this|it|that) (?:sound )?(?:more |less |a bit |a little )?[\p{L}-]+(?: [\p{L}-]+){0,3}|turn (?:this|it|that) into [\p{L} -]{2,40})(?: (?:this|that|it|the (?:following|text|sentence|paragraph)|for me|into [\p{L}]{2,20}|to [\p{L}]{2,20}|in(?:to)? [\p{L}]{2,20}|please|below|text|sentence|paragraph|email)){0,5} ?(?::|\n) ?(?=\S)/iu;

/** Whether a message asks to work on a text that it gives. */
export const isMaterial = (content: string): boolean => work.test(content);
