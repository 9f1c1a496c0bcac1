import { cutEnd } from './clean-text.ts';

const englishWords = new Set(
  (
    'i i am my me we our us mine you your he she they it its the a an and or but of to in on at for with from by about is are ' +
    'was were be been have has had do does did not no will would can could should this that these those there here what ' +
    'when where who how why which if because so just very really please always never call remember forget live work like ' +
    'love hate want need got now than then as into all some any more most out up thanks thank hello hi hey yes'
  ).split(' '),
);

/** Short words of other languages in Latin script that do not exist in English. */
const foreignWords = new Set(
  (
    'je suis j ai mon ma mes nous vous est les des une dans pour avec pas et le la il elle ne que qui sur chez mais ' +
    'ich bin mein meine und der die das den dem ein eine nicht mit auf ist wir habe heiße wohne aber für von zu ' +
    'yo soy mi mis el los las una y en de del con por para pero tengo vivo trabajo estoy gusta encanta es muy se lo ' +
    'eu sou meu minha moro tenho gosto com um uma não nao os em no na gosto muito ' +
    'io sono mio mia ho gli di che per abito lavoro della nel sto ' +
    'ik ben mijn het een van niet woon werk jag är min mitt och inte bor jeg er og ikke ' +
    'jestem mam mieszkam w na nie moj moja ve bir ben benim için saya dan di tinggal'
  ).split(' '),
);
for (const shared of ['no', 'die', 'in', 'me', 'so', 'ma', 'mi', 'an']) foreignWords.delete(shared);

const letters = /\p{L}/gu;
const latin = /\p{Script=Latin}/gu;
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Whether a text is English: by its script, then by counting short words of English and of other languages. */
export const looksEnglish = (text: string): boolean => {
  const all = count(text, letters);
  if (count(text, latin) * 2 < all) return false;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (words.length < 3) return true;
  const english = words.filter((word) => englishWords.has(word)).length;
  const foreign = words.filter((word) => foreignWords.has(word)).length;
  if (foreign !== english) return english > foreign;
  return english > 0 || !words.some((word) => /[^a-z]/.test(word));
};

const greeting =
  /^(?:hola|bonjour|bonsoir|salut|ciao|buongiorno|hallo|guten (?:tag|morgen|abend)|ol[aá]|bom dia|merci(?: beaucoup)?|(?:muchas )?gracias|danke(?: schön)?|grazie|obrigad[oa]|hej|buenos d[ií]as|buenas (?:tardes|noches)|你好|您好|谢谢|謝謝|再见|こんにちは|おはよう(?:ございます)?|ありがとう(?:ございます)?|안녕하세요|감사합니다|привет|здравствуйте|спасибо|добрый день|مرحبا|السلام عليكم|شكرا|שלום|תודה)(?:[\s,]+\p{Lu}\p{L}*)?$/iu;
const question = /[?？؟]["'”’)\]]*$|^¿|(?:吗|嗎|呢|ですか|ますか|까요|니까)[。.]?$/u;
const pieces = /[^.!?。！？؟…]+[.!?。！？؟…]*/gu;

/** Longer quotes are truncated, in characters. */
const maxQuote = 500;

/** Statements of a text in another language, verbatim, without questions and greetings; empty when nothing is left. */
export const foreignStatement = (text: string): string => {
  const statements = (text.match(pieces) ?? [])
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}/u.test(piece) && !question.test(piece))
    .filter((piece) => !greeting.test(cutEnd(piece, /[\s.!?。！？…,]/u)));
  const quote = statements
    .map((piece) => (/[。！？]$/u.test(piece) ? piece : `${piece} `))
    .join('')
    .trimEnd();
  return Array.from(quote.slice(0, maxQuote + 1)).length > maxQuote
    ? `${quote.slice(0, maxQuote).toWellFormed().trimEnd()}…`
    : quote;
};
