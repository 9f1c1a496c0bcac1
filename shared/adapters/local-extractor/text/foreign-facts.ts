import { cutEnd } from './clean-text.ts';

/** Statement in the first person that a clause of another language makes. The value keeps its language. */
type ForeignRule = readonly [RegExp, (value: string) => string];

const article =
  /^(?:el|la|los|las|lo|le|les|der|die|das|den|dem|o|a|os|as|il|gli|i|het|de|un|una|uno|une|um|uma|ein|eine|einen|een) |^(?:l|un)['’]/i;
const bare = (value: string): string => value.replace(article, '');

const lives = (value: string): string => `I live in ${bare(value)}`;
const worksAt = (value: string): string => `I work at ${bare(value)}`;
const worksAs = (value: string): string => `I work as ${bare(value)}`;
const named = (value: string): string => `My name is ${value}`;
const allergic = (value: string): string => `I am allergic to ${bare(value)}`;
const likes = (value: string): string => `I like ${bare(value)}`;
const hates = (value: string): string => `I hate ${bare(value)}`;
const has = (value: string): string => `I have ${value}`;
const plays = (value: string): string => `I play ${bare(value)}`;
const moved = (value: string): string => `I moved to ${bare(value)}`;
const eatsNo = (value: string): string => `I do not eat ${bare(value)}`;
const drinksNo = (value: string): string => `I do not drink ${bare(value)}`;
const teaches = (value: string): string => `I teach ${bare(value)}`;
const studies = (value: string): string => `I study ${bare(value)}`;
const hasTomorrow = (value: string): string => `I have ${value} tomorrow`;
const vegetarian = (value: string): string =>
  `I am ${/^v[eé]g[eé]t/i.test(value) ? 'vegetarian' : 'vegan'}`;
const bought = (value: string): string => `I bought ${value}`;

const rule = (pattern: string, say: ForeignRule[1]): ForeignRule => [
  new RegExp(`^(?:${pattern})$`, 'iu'),
  say,
];
const value = String.raw`(\S.{0,80})`;

/** The commonest statements of Spanish, German, French, Portuguese, Italian, Dutch, Chinese and Japanese. */
const rules: readonly ForeignRule[] = [
  rule(`(?:yo )?(?:ahora )?(?:vivo|vivimos)(?: ahora)? (?:en|a|ad|in) ${value}`, lives),
  rule(`(?:ahora )?trabajo(?: ahora)? (?:de|como) ${value}`, worksAs),
  rule(`(?:ahora )?trabajo(?: ahora)? (?:en|para) ${value}`, worksAt),
  rule(`(?:me llamo|mi nombre es) ${value}`, named),
  rule(`(?:yo )?soy alérgic[oa] (?:al?|a la|a los|a las) ${value}`, allergic),
  rule(`me (?:gustan?|encantan?) ${value}`, likes),
  rule(`odio ${value}`, hates),
  rule(`(?:yo )?tengo ${value}`, has),
  rule(`ich (?:wohne|lebe)(?: jetzt)? in ${value}`, lives),
  rule(`ich arbeite(?: jetzt)? (?:bei|für) ${value}`, worksAt),
  rule(`ich arbeite(?: jetzt)? als ${value}`, worksAs),
  rule(`(?:ich heiße|mein name ist) ${value}`, named),
  rule(`ich bin allergisch (?:gegen|auf) ${value}`, allergic),
  rule(`ich (?:mag|liebe) ${value}`, likes),
  rule(`ich hasse ${value}`, hates),
  rule(`ich habe(?: jetzt)? ((?:ein|eine|einen|zwei|drei|vier|\\d) .{1,60})`, has),
  rule(`(?:j['’]habite|nous habitons|je vis)(?: maintenant)? (?:à|en|au|aux) ${value}`, lives),
  rule(`je travaille(?: maintenant)? (?:chez|à|pour) ${value}`, worksAt),
  rule(`je travaille(?: maintenant)? comme ${value}`, worksAs),
  rule(`(?:je m['’]appelle|mon nom est) ${value}`, named),
  rule(`je suis allergique (?:à|aux?) ${value}`, allergic),
  rule(`j['’](?:aime|adore) ${value}`, likes),
  rule(`je (?:déteste|hais) ${value}`, hates),
  rule(`j['’]ai ((?:un|une|deux|trois|quatre|\\d) .{1,60})`, has),
  rule(`(?:eu )?(?:agora )?moro(?: agora)? (?:no|na|em|nos|nas) ${value}`, lives),
  rule(`(?:eu )?(?:agora )?trabalho(?: agora)? (?:no|na|em|para) ${value}`, worksAt),
  rule(`(?:eu )?(?:agora )?trabalho(?: agora)? (?:como|de) ${value}`, worksAs),
  rule(`(?:(?:eu )?me chamo|meu nome é) ${value}`, named),
  rule(`(?:eu )?sou alérgic[oa] (?:a|ao|à|aos|às) ${value}`, allergic),
  rule(`(?:eu )?(?:gosto (?:de|da|do|das|dos)|adoro|torço pelo|torço pela) ${value}`, likes),
  rule(`(?:eu )?(?:odeio|detesto) ${value}`, hates),
  rule(`(?:eu )?tenho ${value}`, has),
  rule(`(?:io )?(?:abito|vivo)(?: ora| adesso)? (?:a|ad|in) ${value}`, lives),
  rule(`(?:io )?lavoro(?: ora| adesso)? (?:da|in|per|presso|alla) ${value}`, worksAt),
  rule(`(?:io )?lavoro(?: ora| adesso)? come ${value}`, worksAs),
  rule(`(?:mi chiamo|il mio nome è) ${value}`, named),
  rule(`sono allergic[oa] (?:a|al|ai|alla|alle) ${value}`, allergic),
  rule(`(?:mi piac(?:e|ciono)|amo) ${value}`, likes),
  rule(`ho ((?:un|una|due|tre|quattro|\\d) .{1,60})`, has),
  rule(`ik woon(?: nu)? in ${value}`, lives),
  rule(`ik werk(?: nu)? (?:bij|voor) ${value}`, worksAt),
  rule(`ik werk(?: nu)? als ${value}`, worksAs),
  rule(`(?:ik heet|mijn naam is) ${value}`, named),
  rule(`ik ben allergisch voor ${value}`, allergic),
  rule(`ik (?:hou van|vind) ${value}`, likes),
  rule(`ik haat ${value}`, hates),
  rule(`ik heb(?: nu)? ${value}`, has),
  rule(`ik speel ${value}`, plays),
  rule(`ik (?:kocht) ${value}`, bought),
  rule(`我(?:现在|現在)?住在(.{1,40})`, lives),
  rule(`我(?:现在|現在)?在(.{1,40})工作`, worksAt),
  rule(`(?:我叫|我的名字是)(.{1,40})`, named),
  rule(`我对(.{1,40})过敏`, allergic),
  rule(`我(?:很)?(?:喜欢|喜歡|爱)(.{1,40})`, likes),
  rule(`我(?:讨厌|不喜欢|不喜歡)(.{1,40})`, hates),
  rule(`我有(.{1,40})`, has),
  rule(`(?:私は)?(.{1,40})に住んでいます`, lives),
  rule(`(?:私は)?(.{1,40})で働いています`, worksAt),
  rule(`(?:私の)?名前は(.{1,40})です`, named),
  rule(`(?:私は)?(.{1,40})(?:が|は)?アレルギー(?:です|があります)`, allergic),
  rule(`(?:私は)?(.{1,40})が(?:大)?好き(?:です)?`, likes),
  rule(`(?:私は)?(.{1,40})が嫌い(?:です)?`, hates),
  rule(`(?:私は)?(.{1,40})を(?:.{1,4})?飼っています`, has),
  rule(`(?:me|nos) (?:he mudado|hemos mudado|mud[eé]|mudamos) a ${value}`, moved),
  rule(`(?:ich bin|wir sind)(?: jetzt)? nach (\\S.{0,60}) (?:um)?gezogen`, moved),
  rule(`(?:j['’]ai|nous avons) déménagé (?:à|en|au) ${value}`, moved),
  rule(`(?:me )?mudei(?: me|-me)? (?:para|pra) ${value}`, moved),
  rule(`(?:mi sono|ci siamo) trasferit[oaie] (?:a|ad|in) ${value}`, moved),
  rule(`ik ben naar (\\S.{0,60}) verhuisd`, moved),
  rule(`我(?:已经)?搬到(?:了)?(.{1,40}?)了?`, moved),
  rule(`(?:私は)?(.{1,40})(?:に|へ)引っ越しました`, moved),
  rule(`(?:yo )?no como ${value}`, eatsNo),
  rule(`(?:yo )?no (?:bebo|tomo) ${value}`, drinksNo),
  rule(`je ne mange (?:pas|plus) (?:de |d['’])?${value}`, eatsNo),
  rule(`je ne bois (?:pas|plus|jamais) (?:de |d['’])?${value}`, drinksNo),
  rule(`ich esse kein(?:e|en)? ${value}`, eatsNo),
  rule(`ich trinke kein(?:e|en)? ${value}`, drinksNo),
  rule(`(?:eu )?não como ${value}`, eatsNo),
  rule(`(?:eu )?não bebo ${value}`, drinksNo),
  rule(`(?:io )?non mangio ${value}`, eatsNo),
  rule(`(?:io )?non bevo ${value}`, drinksNo),
  rule(`ik eet geen ${value}`, eatsNo),
  rule(`ik drink geen ${value}`, drinksNo),
  rule(`我不吃(.{1,40})`, eatsNo),
  rule(`我不喝(.{1,40})`, drinksNo),
  rule(
    `(?:(?:yo )?soy|je suis|ich bin|(?:eu )?sou|(?:io )?sono|ik ben) (v[eé]g[eé]t[aá]r\\p{L}{2,6}|v[eé]gan\\p{L}{0,4})(?: (?:desde|depuis|seit|dal|sinds) .{1,40})?`,
    vegetarian,
  ),
  rule(`(?:insegno|enseño|j['’]enseigne|ich unterrichte|ensino) ${value}`, teaches),
  rule(`(?:studio|estudio|j['’]étudie|ich studiere|estudo|ik studeer) ${value}`, studies),
  rule(
    `(?:mañana tengo|morgen habe ich|demain j['’]ai|amanhã tenho|domani ho|morgen heb ik) ${value}`,
    hasTomorrow,
  ),
];

const favourites =
  /^(?:mi|mein|meine|mon|ma|meu|minha|(?:il |la )?mi[oa]|mijn) (?:lieblings|lievelings)?(comida|plato|essen|gericht|plat|prato|piatto|cibo|eten|color|farbe|couleur|cor|colore|kleur)(?: (?:favorit[oa]|préférée?|preferit[oa]))? (?:es|ist|est|é|è|is)(?: (?:ahora|jetzt|maintenant|agora|ora|adesso|nu))? (.{1,60})$/iu;
const isColour = /^(?:color|farbe|couleur|cor|colore|kleur)$/i;
const isFavourite = /lieblings|lievelings|favorit|préfér|preferit/i;

const favouriteIn = (clause: string): string | undefined => {
  const [, thing = '', favourite] = favourites.exec(clause) ?? [];
  return favourite === undefined || !isFavourite.test(clause)
    ? undefined
    : `My favorite ${isColour.test(thing) ? 'color' : 'food'} is ${favourite}`;
};

const kin = new Map([
  ['hija|tochter|fille|filha|figlia|dochter', 'daughter'],
  ['hijo|sohn|fils|filho|figlio|zoon', 'son'],
  ['esposa|mujer|frau|femme|moglie|vrouw', 'wife'],
  ['marido|esposo|mann|mari|marito|man', 'husband'],
  ['hermana|schwester|soeur|sœur|irmã|sorella|zus', 'sister'],
  ['hermano|bruder|frère|irmão|fratello|broer', 'brother'],
  ['madre|mutter|mère|mãe|moeder', 'mother'],
  ['padre|vater|père|pai|vader', 'father'],
  ['perro|perra|hund|chien|chienne|cachorro|cachorra|cane|hond', 'dog'],
  ['gato|gata|katze|chat|chatte|gatto|gatta|kat', 'cat'],
]);
const relative =
  /^(?:mi|mein|meine|mon|ma|meu|minha|(?:il |la )?mi[oa]|mijn) (\p{L}{2,12}) (?:se llama|heißt|s['’]appelle|se chama|si chiama|heet) (\p{Lu}[\p{L}' -]{1,40})$/iu;

const relativeIn = (clause: string): string | undefined => {
  const [, word = '', name] = relative.exec(clause) ?? [];
  const [, english] =
    [...kin].find(([forms]) => forms.split('|').includes(word.toLowerCase())) ?? [];
  return name === undefined || english === undefined
    ? undefined
    : `My ${english}'s name is ${name}`;
};

const statementOf = (clause: string): string | undefined => {
  for (const [pattern, say] of rules) {
    const found = pattern.exec(clause)?.[1];
    if (found !== undefined) return say(found.trim());
  }
  return relativeIn(clause) ?? favouriteIn(clause);
};

/** Conjunctions before a verb in the first person, which begins another statement. */
const between =
  /,? (?:y|und|et|e|en|ed) (?=(?:yo|vivo|trabajo|tengo|me|odio|soy|ich|je|j['’]|eu|moro|trabalho|tenho|gosto|torço|sou|lavoro|abito|ho|mi|sono|ik|insegno|enseño|estudio|studio|estudo|no|não|non)\b)/iu;
const ofSentence = /[.!。！]/;
const withPronoun = /^(?:fahre|arbeite|wohne|habe|liebe|hasse|mag) /i;

/**
 * Reads a sentence of another language as statements in the first person; undefined unless every clause of the sentence is one that
 * the rules know, so that nothing is lost.
 */
export const foreignStatements = (sentence: string): string[] | undefined => {
  const clauses = cutEnd(sentence.trim(), /[\s.!。！]/).split(between);
  if (ofSentence.test(clauses.join(' '))) return undefined;
  const statements = clauses.map((clause) =>
    statementOf(withPronoun.test(clause) ? `ich ${clause}` : clause),
  );
  return statements.every((statement) => statement !== undefined) ? statements : undefined;
};
