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
    'ich bin mein meine und der die das den dem ein eine nicht mit auf ist wir habe heiße wohne aber für von zu nach gezogen jetzt nehme trinke esse spiele lerne fahre hab habe ' +
    'yo soy mi mis el los las una y en de del con por para pero tengo vivo trabajo estoy gusta encanta es muy se lo fui vivir solo ahora mis ' +
    'eu sou meu minha moro tenho gosto com um uma não nao os em no na gosto muito ' +
    'io sono mio mia ho gli di che per abito lavoro della nel sto ' +
    'ik ben mijn het een van niet woon werk jag är min mitt och inte bor jeg er og ikke ' +
    'jestem mam mieszkam w na nie moj moja ve bir ben benim için saya dan di tinggal'
  ).split(' '),
);
for (const shared of ['no', 'die', 'in', 'me', 'so', 'ma', 'mi', 'an', 'ben', 'dan', 'bin'])
  foreignWords.delete(shared);

const letters = /\p{L}/gu;
const latin = /\p{Script=Latin}/gu;
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** English words that other languages have, too. */
const ofSeveral = new Set(
  'a i me no in as so he do on of am an at is had was has we more all'.split(' '),
);

/** Words that begin short statements of other languages. */
const ownStart = new Set(
  'je ich yo eu io ik soy tengo estoy vivo trabajo fumo juego busco sou tenho trabalho estudo namoro sono abito lavoro insegno suono gioco faccio habe wohne arbeite spiele lerne suche puoi peux kannst kun pode puedes mein meine mijn meu minha sabato domani ieri ayer hier gestern ontem gisteren'.split(
    ' ',
  ),
);

/** Words that no English sentence has. */
const unmistakable = new Set(
  'ich und nicht meine mein suis avec tengo estoy sou não tenho sono mijn ik het een jag och'.split(
    ' ',
  ),
);

/** Whether a text is English: by its script, then by counting short words of English and of other languages. */
export const looksEnglish = (text: string): boolean => {
  const all = count(text, letters);
  if (count(text, latin) * 2 < all) return false;
  if (
    /^(?:me (?:he|ha|han|fui|mudé|mudo|voy|gusta|encanta|llamo|caso|compré)|nos hemos|ya no|se me|mi [a-z]+ (?:es|se|ha|tiene)) [a-zñáéíóú]/i.test(
      text,
    )
  )
    return false;
  const written =
    text
      .replace(/\by\/?o\b/gi, ' old ')
      .replace(/\bw\/(?=\s|o\b)/gi, 'with ')
      .match(/\p{L}+/gu) ?? [];
  const words = written.map((word) => word.toLowerCase());
  if (words.length < 3) return !ownStart.has(words[0] ?? '');
  const english = words.filter((word) => englishWords.has(word)).length;
  // A capital letter within a text is that of a name: "two kids (Jan, Mia)".
  const foreign = words.filter(
    (word, at) => foreignWords.has(word) && (at === 0 || written[at] === word),
  ).length;
  const isClear = words.some((word) => englishWords.has(word) && !ofSeveral.has(word));
  if (!isClear && words.some((word) => unmistakable.has(word))) return false;
  if (!isClear && (ownStart.has(words[0] ?? '') || words.some((word) => /[^\0-\x7f]/.test(word))))
    return false;
  if (foreign !== english) return english > foreign;
  return !words.some((word) => /[^a-z]/.test(word));
};

/** Whether a text has no word that only English has, and one of another language. */
export const mayBeForeign = (text: string): boolean => {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return (
    words.some((word) => foreignWords.has(word)) &&
    !words.some((word) => englishWords.has(word) && !ofSeveral.has(word))
  );
};

/** Greetings, thanks and farewells of other languages, each with the words that may follow it. */
const greetings = new RegExp(
  `^(?:${[
    'hola|(?:muchas |mil )?gracias(?: por .{1,40})?|muy amable|de nada|adi[oó]s|hasta (?:luego|pronto|mañana|la vista)|buen(?:os)? d[ií]as?|buenas(?: (?:tardes|noches))?|vale|claro|por favor|qué tal|un saludo|saludos|eres (?:genial|la mejor|el mejor|un sol|increíble)',
    "bonjour|bonsoir|salut|coucou|merci(?: (?:beaucoup|bien|à toi|à vous))?(?: pour .{1,40})?|de rien|au revoir|à (?:bientôt|demain|plus)|bonne (?:soirée|journée|nuit)|d['’]accord|s['’]il (?:te|vous) plaît|enchanté|tu es (?:le meilleur|la meilleure|génial|géniale|top)",
    'hallo|guten (?:tag|morgen|abend)|gute nacht|servus|moin|(?:vielen |herzlichen |besten )?dank(?:e)?(?: (?:schön|sehr|dir|ihnen))?(?: für .{1,40})?|bitte(?: schön)?|tschüss|auf wiedersehen|bis (?:bald|morgen|dann|später)|alles klar|schönen (?:tag|abend)(?: noch)?|gern(?:e)? geschehen|passt(?: schon)?|du bist (?:der beste|die beste|super|spitze|toll)',
    'ol[aá]|oi|bom dia|boa (?:tarde|noite)|(?:muito )?obrigad[oa](?: .{1,30})?|valeu|de nada|por nada|até (?:logo|mais|amanhã|breve)|tchau|um abraço|beleza|(?:você|vc|tu) (?:é|és) (?:demais|incrível|o melhor|a melhor|ótim[oa]|10)',
    'ciao|salve|buongiorno|buonasera|buona (?:notte|giornata|serata)|(?:molte |tante )?grazie(?: mille| tante| infinite| di cuore)?(?: per .{1,40})?|prego|arrivederci|a (?:presto|domani|dopo)|va bene|piacere|sei (?:il migliore|la migliore|un genio|fantastic[oa]|grande)',
    'goede(?:morgen|middag|navond)|hoi|hej|dag|dank (?:je|u)(?: wel)?|bedankt(?: voor .{1,40})?|graag gedaan|tot (?:morgen|straks|ziens|later)|doei|fijne (?:dag|avond)',
    '你好|您好|(?:非常|多)?(?:谢谢|感谢|謝謝)(?:你|您|大家)?(?:的帮助)?|再见|再見|晚安|早上好|早安|好的|明天见|不客气|辛苦了|太(?:好|棒)了|没问题|知道了|明白了',
    'こんにちは|こんばんは|おはよう(?:ございます)?|(?:どうも)?ありがとう(?:ございます|ございました)?|おやすみ(?:なさい)?|さようなら|また明日|よろしく(?:お願いします)?|了解です|はい|すみません|いえいえ|(?:本当に)?助かりました|嬉しいです|なるほど|わかりました',
    '안녕하세요|감사합니다|고마워요?|привет|здравствуйте|(?:большое )?спасибо|добрый день|до свидания|مرحبا|السلام عليكم|شكرا|שלום|תודה|tack(?: så mycket)?|takk|dziękuję|teşekkürler|terima kasih',
  ].join('|')})(?:[\\s,]+\\p{Lu}\\p{L}*)?$`,
  'iu',
);
const question = /[?？؟]["'”’)\]]*$|^¿|(?:吗|嗎|呢|ですか|ますか|까요|니까)[。.]?$/u;
/** A day of a month in German does not end a sentence: "am 3. Juli". */
const pieces =
  /(?:\d\.(?= ?(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez))|[^.!?。！？؟…])+[.!?。！？؟…]*/giu;

/** Whether a piece only greets, thanks or takes leave, in one clause or several. */
export const isGreeting = (piece: string): boolean =>
  piece
    .split(/[,，、]|\s[-–—]\s/u)
    .map((clause) => cutEnd(clause.trim(), /[\s.!?。！？…,~]/u))
    .every((clause) => clause === '' || greetings.test(clause));

export interface ForeignSentence {
  text: string;
  isQuestion: boolean;
}

/** Sentences of a text in another language, without greetings. */
export const foreignSentences = (text: string): ForeignSentence[] =>
  (text.match(pieces) ?? [])
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}/u.test(piece) && !isGreeting(piece))
    .map((piece) => ({ text: piece, isQuestion: question.test(piece) }));
