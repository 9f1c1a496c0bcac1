import type { Authored } from './authored.ts';

/** Fields above a mail, in several languages. */
const header =
  /^\*{0,2}(?:from|sender|absender|to|cc|bcc|subject|date|sent|reply-to|von|an|betreff|gesendet|datum|de|para|asunto|fecha|enviado|à|objet|envoyé|da|a|oggetto|data|inviato|van|aan|onderwerp)\*{0,2}:(?! ?\S.{300})/i;
const from =
  /^\*{0,2}(?:from|sender|absender|von|de|da|van)\*{0,2}: ?\*{0,2} ?"?([^"<@\n*]{2,60})/i;
const me = /^(?:me|I|myself|user)$/i;

/** Heading of a mail program above a text that is passed on. */
const opensMail =
  /^[- ]{0,20}(?:begin )?(?:fwd?|forwarded|original|weitergeleitete|ursprüngliche|mensaje reenviado|message transféré)(?: message| nachricht)?:?[- ]{0,20}$/i;

const salutation =
  /^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten (?:tag|morgen)|bonjour|cher|chère|hola|estimad[oa]|querid[oa]|ciao|gentile|olá|caro|cara|beste)(?:,? (?!(?:I|i|we|my)\b)[\p{L}.&-]{1,20}){0,4} ?[,!.:–-]?$/iu;
const addressed =
  /^(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)) (?!there\b|claude\b|chatgpt\b|gpt\b|assistant\b|ai\b|bot\b|diary\b)(?:(?:mr|mrs|ms|dr|prof)\. )?\p{L}[^.!?,]{1,40}[,!.:]?$/iu;
const closing =
  /^(?:(?:kind|best|warm|many|with (?:kind|best|warm)|all the) )?(?:regards|wishes|best|cheers|thanks(?: (?:again|so much|a lot|in advance))?|thank you|many thanks|yours(?: (?:truly|sincerely|faithfully))?|sincerely(?: yours)?|love|lots of love|hugs|xoxo?|xx?|take care|talk soon|see you(?: soon| then)?|mfg|lg|vg|(?:viele|liebe|beste|schöne|mit freundlichen|herzliche) grüßen?|cordialement|bien à vous|bises|(?:un )?(?:saludos?|abrazo)|cordiali saluti|saluti|abraços?|groetjes|met vriendelijke groet)[,.!]?$/iu;
/** A closing with the name behind it: "Yours, Leon", "Greetings from Leon", "Dein Leon". */
const closingOf =
  /^(?:(?:(?:kind|best|warm|many) )?(?:regards|wishes|greetings|best|cheers|thanks|yours|sincerely|love|hugs|lg|vg|mfg|(?:viele|liebe|beste) grüße|bises|saludos|un abrazo|saluti|abraços|groetjes)(?:,| from| von| de| da|, from)|deine?|eure?|ton|ta|tu|tuo|tua|je|[-–—]) ?(\p{Lu}[\p{L}'’-]{0,30}(?: \p{Lu}[\p{L}'’-]{0,30})?)[.!]?$/iu;
const device = /^(?:--|sent from my |get outlook for |von meinem )/i;
/** A reply of a mail program: "On Monday, Bob wrote:" above the words of Bob. */
const replied =
  /^\**(?:On|Am|Le|El|Il|Em|Op) .{5,90}?(?:\n.{0,60})?(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)(?: [^:\n]{2,60})?:\**$/u;
const signature = /^(\p{Lu}[\p{L}'’-]{0,30}\.?(?: \p{Lu}[\p{L}'’-]{0,30}\.?){0,3})$/u;
const shortName = /^\p{Lu}\p{Ll}[\p{L}'’-]{0,30}(?: \p{Lu}[\p{L}'’.-]{0,30})?$/u;
/** Further parts of a signature: a position, a company, a number. */
const maxDetails = 4;
const detail = /^.{2,80}$/u;

interface Body {
  text: string;
  author?: string;
  /** Position, company and number of the author. */
  details?: string;
}

/** Whether a row is said by a person: no field, heading, salutation or closing of a mail. */
export const isSpoken = (row: string): boolean =>
  ![header, opensMail, salutation, closing, closingOf, device, replied].some((form) =>
    form.test(row.trim()),
  );

/** Words of a mail with a salutation and a name at its end, without a closing; undefined for other texts. */
const namedBodyOf = (lines: readonly string[], start: number): Body | undefined => {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const row = lines[last]?.trim() ?? '';
  const author = closingOf.exec(row)?.[1] ?? (shortName.test(row) ? row : undefined);
  if (author === undefined || last <= start) return undefined;
  const text = lines.slice(start, last).filter((line) => !closing.test(line.trim()));
  return { text: text.join('\n').trim(), author };
};

/** Words below the heading of a mail program, without fields: their author is the name at the end, if any. */
export const belowHeading = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  if (lines.length < 2 || !opensMail.test(lines[0]?.trim() ?? '')) return undefined;
  const rest = lines.slice(1);
  const body = namedBodyOf(rest, 0) ?? bodyOf(rest);
  return body.author === undefined
    ? [{ text: body.text, isForeign: true }]
    : partsOf(body.author, body);
};

/** Words of a mail without its salutation and its closing, and the name below. */
const bodyOf = (lines: readonly string[], sender?: string): Body => {
  const opens = lines.findIndex((line) => line.trim() !== '');
  const isGreeted = salutation.test(lines[opens]?.trim() ?? '');
  const start = isGreeted ? opens + 1 : Math.max(opens, 0);
  const named = namedBodyOf(lines, start);
  const isSender = named?.author !== undefined && sender?.startsWith(named.author) === true;
  if (named && (isGreeted || isSender)) return named;
  const end = lines.findIndex(
    (line, at) => at >= start && (closing.test(line.trim()) || device.test(line)),
  );
  const text = lines
    .slice(start, end < 0 ? lines.length : end)
    .join('\n')
    .trim();
  if (end < 0) return { text };
  const below = lines
    .slice(end + 1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !device.test(line));
  const author = signature.exec(below[0] ?? '')?.[1];
  if (author === undefined) return { text };
  const details = below.slice(1);
  const isSignature = details.length <= maxDetails && details.every((line) => detail.test(line));
  return {
    text,
    author,
    ...(isSignature && details.length > 0 && { details: details.join(', ') }),
  };
};

const partsOf = (author: string, { text, details }: Body): Authored[] => [
  ...(text === '' ? [] : [{ author, text }]),
  ...(details === undefined ? [] : [{ text: `${author}: ${details}`, isNote: true as const }]),
];

const ownPart = (lines: readonly string[]): Authored[] => {
  const text = lines
    .filter((line) => !opensMail.test(line.trim()))
    .join('\n')
    .trim();
  return text === '' ? [] : [{ text }];
};

const firstPerson = /(?:^|[\s"'(])(?:I|my|My|I'm|I’m|we|We|our)\b/;

/** Whether a row may be the only field of a mail: below a heading, or above words in the first person. */
const isAlone = (lines: readonly string[], at: number): boolean =>
  at === 0
    ? lines.length > 1 && firstPerson.test(lines.slice(1).join('\n'))
    : at === 1 && opensMail.test(lines[0]?.trim() ?? '');

/** A row of notes below rows that look like the fields of a mail: "From: Oslo", "To: Rome", "Seat: 12C". */
const field = /^\p{L}[\p{L} ]{1,20}: \S.{0,40}$/u;

/** Parts of a mail with the fields above it; undefined without two fields, or one below a heading, of which one names the sender. */
export const mailIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  const start = lines.findIndex(
    (line, at) =>
      header.test(line) &&
      (header.test(lines[at + 1] ?? '') || (from.test(line) && isAlone(lines, at))),
  );
  if (start < 0) return undefined;
  const size = lines.slice(start).findIndex((line) => !header.test(line));
  const fields = lines.slice(start, size < 0 ? lines.length : start + size);
  const author = fields.map((line) => from.exec(line)?.[1]?.trim()).find(Boolean);
  if (author === undefined || size < 0) return undefined;
  if (lines.slice(start + size).every((line) => field.test(line))) return undefined;
  const before = ownPart(lines.slice(0, start));
  const body = bodyOf(lines.slice(start + size), author);
  if (me.test(author)) return [...before, { text: body.text }];
  const cited = citedIn(body.text);
  if (!cited) return [...before, ...partsOf(author, body)];
  return [
    ...before,
    ...cited.map((part) => (part.author === undefined ? { ...part, author } : part)),
  ];
};

/** Words with which the author of a mail says who writes. */
const introductions = ['this is', 'it is', "it's", 'It is', 'This is'];

/** A mail without fields, with a salutation at its beginning and a name at its end; undefined for other texts. */
export const signedIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  const opening = lines[0]?.trim() ?? '';
  if (lines.length < 3 || !salutation.test(opening)) return undefined;
  const body = bodyOf(lines);
  if (body.author === undefined) return undefined;
  const isSigned = body.details !== undefined || body.author.includes(' ');
  const isNamed = introductions.some((words) => body.text.includes(`${words} ${body.author}`));
  return isSigned || addressed.test(opening) || isNamed ? partsOf(body.author, body) : undefined;
};

const cited = /^> ?/;
const atEnd = /((?:(?![AP]M\b)\p{Lu}[\p{L}'’.-]{1,30} ){0,2}(?![AP]M\b)\p{Lu}[\p{L}'’.-]{1,30})$/u;

/** Name in "On 3 Sep 2026, at 10:11, Lotte Brand <lotte@brand.example> wrote:". */
const nameIn = (heading: string): string | undefined => {
  const sender = heading
    .slice(0, 200)
    .replace(/(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)\b.*$/su, '')
    .replace(/[<(][^<>()\n]{0,80}[>)]/g, '')
    .trim();
  return atEnd.exec(sender)?.[1];
};

/** Names in front of a verb of saying, in the words about a citation: "Look what Mehmet posted". */
const posted =
  /(?:^|[\s,])((?:[Mm]y|[Oo]ur) (?:[\p{L}-]{2,20}['’]s )?[\p{L}-]{2,20}|\p{Lu}[\p{L}'-]{1,30}) (?:just |also |once )?(?:wrote|posted|said|sent|texted|replied|commented|tweeted|emailed)\b/u;

const isCited = (line: string): boolean => cited.test(line);
const uncited = (lines: readonly string[]): string[] =>
  lines.filter(isCited).map((line) => line.replace(cited, ''));

/** Position and number of the lines of the heading above a citation. */
const headingIn = (lines: readonly string[]): { at: number; size: number } | undefined => {
  for (const [at, line] of lines.entries()) {
    if (replied.test(line.trim())) return { at, size: 1 };
    if (replied.test(`${line}\n${lines[at + 1] ?? ''}`.trim())) return { at, size: 2 };
  }
  return undefined;
};

/** A citation below a heading. Some programs do not mark its lines. */
const repliedIn = (lines: readonly string[], at: number, size: number): Authored[] | undefined => {
  const author = nameIn(lines.slice(at, at + size).join(' '));
  const below = lines.slice(at + size);
  const isMarked = below.some(isCited);
  const body = bodyOf(isMarked ? uncited(below) : below);
  if (body.text === '') return undefined;
  const own = isMarked ? below.filter((line) => !isCited(line)) : [];
  return [
    ...ownPart([...lines.slice(0, at), ...own]),
    ...(author === undefined
      ? [{ text: body.text, isForeign: true as const }]
      : partsOf(author, body)),
  ];
};

/** Cited text of a message, with the person that is named above it or in the words about it. */
export const citedIn = (content: string): Authored[] | undefined => {
  const lines = content.split('\n');
  const heading = headingIn(lines);
  if (heading) return repliedIn(lines, heading.at, heading.size);
  const text = uncited(lines).join('\n');
  if (text.trim() === '') return undefined;
  const own = lines.filter((line) => !isCited(line));
  const author = posted.exec(own.join(' ').slice(0, 400))?.[1];
  if (author !== undefined)
    return [{ author, text }, ...ownPart(own.filter((line) => !posted.test(line)))];
  const isAll = own.every((line) => line.trim() === '');
  return isAll || firstPerson.test(text) ? [...ownPart(own), { text, isForeign: true }] : undefined;
};

/** A forwarded text on one piece of paper, and the signature at its end: "Fwd: ... Regards, Priya". */
const opensForwarded =
  /^(?:(?:fwd?|forwarded)(?: message)?:\s?|[[(](?:fwd?|forwarded)[\])]:?\s|(?:dear|hello|hi) [\p{L} ]{2,30}, )(?=\S)/iu;
const signed =
  /(?:^|[\s,.])(?:(?:kind |best |warm )?regards|best|cheers|yours|sincerely|love|thanks|thank you|[-–—]),?\s(\p{Lu}[\p{L}'-]{1,30})[.!]?$/iu;
const maxSignature = 70;
const greeting = /^(?:hello|hi|dear)(?: (?:all|everyone|team|sir|madam|\p{L}{2,20}))?, ?/iu;

/** A forwarded text that names its author at the end. */
export const forwardedIn = (content: string): Authored[] | undefined => {
  const end = Math.max(0, content.length - maxSignature);
  const found = opensForwarded.test(content) ? signed.exec(content.slice(end)) : undefined;
  const author = found?.[1];
  if (!found || author === undefined) return undefined;
  const text = content.slice(0, end + found.index).replace(opensForwarded, '');
  return [{ author, text: text.trim().replace(greeting, '') }];
};

const person =
  "((?:[Mm]y|[Oo]ur|[Tt]he) (?:[\\p{L}-]{2,20}['’]s )?[\\p{L}-]{2,20}|\\p{Lu}[\\p{L}'-]{1,30}(?: \\p{Lu}[\\p{L}'-]{1,30})?)";
const saying = '(?:wrote|said|sent|texted|posted|emailed|messaged|answered|replied)';
/** Headings that name the author of the words below or behind: "Here's what Ben wrote:", "Message from Dana:", "Bank letter: your". */
const headings: readonly RegExp[] = [
  new RegExp(
    `^(?:[Hh]ere is|[Hh]ere['’]s|[Tt]his is|[Tt]hat is|[Ss]ee|[Ll]ook(?: at)?) what ${person} (?:just )?${saying}(?: (?:me|us|to me|back|today|yesterday)){0,2}:\\s+(?=[^\\s"“„«'])`,
    'u',
  ),
  new RegExp(
    `^(?:[Ff]orwarded |[Nn]ew |[Gg]ot a )?(?:[Mm]essage|[Tt]ext|[Ee]-?mail|[Mm]ail|[Nn]ote|[Vv]oicemail|[Ll]etter|SMS|DM|WhatsApp) from ${person}(?::\\s+| [-–—] )(?=[^\\s"“„«'])`,
    'u',
  ),
  new RegExp(`^[Ff](?:or)?wa?r?d(?:ed)? from ${person}:\\s+(?=[^\\s"“„«'])`, 'u'),
  /^((?:\p{L}{2,20} )?(?:letter|notice|e-?mail|message|text|reminder|sms)): (?=you(?:r)? )/iu,
];

/** Number of the lines of a mail, which has a salutation or a name below its closing; of other words, those of the first paragraph. */
const sizeOf = (lines: readonly string[]): number => {
  const opens = salutation.test(lines[0]?.trim() ?? '');
  const closes = lines.findIndex((line) => closing.test(line.trim()));
  const name = lines.findIndex((line, at) => at > closes && line.trim() !== '');
  if (closes >= 0 && signature.test(lines[name]?.trim() ?? '')) return name + 1;
  if (closes >= 0 && opens) return closes + 1;
  const blank = lines.findIndex((line) => line.trim() === '');
  return opens || blank < 0 ? lines.length : blank;
};

/** Words below or behind a heading that names their author, and the text of the sender behind them. */
export const headedIn = (content: string): Authored[] | undefined => {
  for (const heading of headings) {
    const [opens, author] = heading.exec(content) ?? [];
    if (opens === undefined || author === undefined) continue;
    const lines = content.slice(opens.length).split('\n');
    const size = sizeOf(lines);
    const rest = lines.slice(size).join('\n').trim();
    const text = bodyOf(lines.slice(0, size).map((line) => line.replace(cited, '')))
      .text.replace(greeting, '')
      .replace(/^hey, ?/i, '');
    return [{ author, text }, ...(headedIn(rest) ?? citedIn(rest) ?? ownPart(rest.split('\n')))];
  }
  return undefined;
};
