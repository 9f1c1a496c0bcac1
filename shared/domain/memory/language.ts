export type Language =
  | 'danish'
  | 'dutch'
  | 'french'
  | 'german'
  | 'italian'
  | 'portuguese'
  | 'russian'
  | 'spanish'
  | 'swedish'
  | 'ukrainian';

type Latin = Exclude<Language, 'russian' | 'ukrainian'> | 'english';

/** Longer texts are judged by their start. */
const maxCharacters = 2_000;

/**
 * Frequent words of each language. Danish stands for Norwegian, too: short texts of both look alike, and one stemmer serves
 * both.
 */
const functionWords: { readonly [language in Latin]: string } = {
  english: `a about after all am an and any are as at be because been but by can could did do does for from get had has
    have he her his how i if in into is it its just like me more most must my no not now of on only or other our
    out over she should so some such than that the their them then there these they this to too under until up
    us very we were what when where which who why will with would yes you your`,
  danish: `af altid av ble bli blev bliver bor deg dig din ditt efter ej eller er et etter få gerne gjerne har hva hvad hvem
    hvilken hvor hvordan hvornår hvorfor ikke jeg kan meg mig min mine mit mitt når og også på seg sig sin til vil være været
    vært`,
  dutch: `aan alleen dat deze die dit een geen haar heb hebben heeft hem het hij hoe ik jij jouw kan maar mijn naar
    niet nog ook omdat onze op toen uit vaak van voor waar waarom wanneer wat wel welke wie woont zij zijn`,
  french: `habite habitent au aussi aux avec avez avons ça ce ces cette chez comment dans depuis des elles est et était êtes il ils
    j'ai j'aime je leur leurs lui ma mais mes moi mon nos notre nous où parce pas pendant plus pourquoi quand que quel
    quelle qu'il qui quoi ses sommes suis sur ta tes ton toujours une vos votre vous`,
  german: `aber auch auf aus bei bin das dein deine dem denn der dich diese dieser doch du ein eine einen einem einer
    er es für gegen habe haben hast hatte ich ihm ihn ihr ihre immer ist jede jeden kein keine mein meine meinem meinen
    meiner meines mich mir nach nicht nie noch nur oder ohne sehr sein seine seit sich sie sind über und uns unser vom
    von vor wann warum weil wem wen wer wie wird wo wohin woher welche welcher welches zu zum zur zwei zwischen`,
  italian: `abbiamo abita abitano abito al alla anche che chi ci così cosa dal dalla degli dei del della delle di è gli ha hai hanno ho il
    io lei loro lui mia mie miei mio nei nel nella non noi nostra nostro ogni perché più qual quale quando quanto questa
    questo qui se sempre sono stata stato sua sue suo suoi sul sulla tua tuo un una uno voi`,
  portuguese: `mora moram moro ao aos até com como da das de dele dela do dos e ela ele eles em está estou eu foi há isso isto já lhe
    mais mas meu meus minha minhas muito na não nas nem nos nossa nosso nunca o onde os ou para pela pelo por porque quais
    qual quando quanto quem que são se sempre sem seu sua seus suas tem tenho também um uma você vocês`,
  spanish: `a al algo alguien aunque como cómo con cuál cuando cuándo cuánto de del desde donde dónde él ella ellos el
    en eres es esa ese eso está esta este estoy estos fue ha han hasta hay la las le les lo los más mi mis mucho muy nada
    ni nos nosotros nuestra nuestro nunca para pero por porque pues qué que quién quiénes se según ser siempre sobre soy su
    sus también tengo ti tiene todo todos tu tus un una unas unos usted y ya yo`,
  swedish: `alltid att av blev bor de dem den det dig din du där efter eller en ett från för göra har hon hur han i
    inte jag kan men mig min mina mitt mycket när och också om på sig sin som till vad var vem vi vilken vill varför är`,
};

/** Words of other languages that also stand in English texts, as words, in names and in titles; and the reverse. */
const ambiguous = new Set(
  `al alla au bin con da das de del dei den der des di do dos e el elle en er es est et ha hay han hem hon il la las le
  les lo los ma mes mi min mine nos o plus pas por son soy sui ta ti ton tu un una van var vi vil von y zu uno dit wie
  wel ditt dem die sin sig dig deg ya comment men kan mit como sur che chi ho mia lei sue til mon din om mina hoe wat aus
  mir em para yo nada todo um dat
  a am an as has he in is me no on or over so was will`.split(/\s+/),
);

const wordsOf = (language: Latin): Set<string> => new Set(functionWords[language].split(/\s+/));
const english = wordsOf('english');

/** Weights of each word in the languages that it belongs to. */
const weightsByWord = new Map<string, { language: Latin; weight: number }[]>();
for (const language of Object.keys(functionWords) as Latin[])
  for (const word of wordsOf(language)) {
    if (language !== 'english' && english.has(word)) continue;
    const entries = weightsByWord.get(word) ?? [];
    entries.push({ language, weight: ambiguous.has(word) ? 1 : 2 });
    weightsByWord.set(word, entries);
  }

/** Sums of weights that make a language certain, if no other one has as much: of any text, and of one with accents. */
const minScore = 2;
const minScoreWithAccents = 1;
const accented = /[\u00c0-\u024f]/;

/** Letters that similar languages do not share, and that count as much as an ambiguous word. */
const lettersOf: readonly (readonly [Latin, RegExp])[] = [
  ['danish', /[æø]/],
  ['french', /[œèêç]/],
  ['german', /ß/],
  ['portuguese', /[ãõ]/],
  ['spanish', /[ñ¿¡]/],
];

const scoresOf = (text: string): Map<Latin, number> => {
  const scores = new Map<Latin, number>();
  for (const [word] of text.matchAll(/\p{L}+(?:'\p{L}+)?/gu))
    for (const { language, weight } of weightsByWord.get(word) ?? [])
      scores.set(language, (scores.get(language) ?? 0) + weight);
  for (const [language, pattern] of lettersOf) {
    const score = scores.get(language);
    if (score && pattern.test(text)) scores.set(language, score + 1);
  }
  return scores;
};

const latinLanguage = (text: string): Language | undefined => {
  const [[best = 'english', score = 0] = [], [, second = 0] = []] = [...scoresOf(text)].sort(
    (a, b) => b[1] - a[1],
  );
  const certain = accented.test(text) ? minScoreWithAccents : minScore;
  return best !== 'english' && score >= certain && score > second ? best : undefined;
};

const cyrillic = /\p{Script=Cyrillic}/u;
const ukrainian = /[іїєґ]/;

/**
 * Detects the language of a text by its short frequent words, or by its letters. Returns nothing for English, for languages
 * without a stemmer, and when it is not certain.
 */
export const languageOf = (text: string): Language | undefined => {
  const start = text.slice(0, maxCharacters).toLowerCase().replaceAll('’', "'");
  if (!cyrillic.test(start)) return latinLanguage(start.normalize('NFC'));
  return ukrainian.test(start) ? 'ukrainian' : 'russian';
};
