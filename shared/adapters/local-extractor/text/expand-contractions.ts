const participle = '(?:been|had|gone|done|seen|always|never|already|just|\\w{2,}ed)';

/** In order: the forms that rules need to see whole. */
const expansions: readonly (readonly [RegExp, string])[] = [
  [/[’‘ʼ`]/g, "'"],
  [/[“”„«»]/g, '"'],
  [/\s+/g, ' '],
  [/\bi(?='|\b(?![./@-]))(?<![\w./@-]i)/g, 'I'],
  [/\bIm\b|\bim\b/g, 'I am'],
  [/\b(?:I|i)ve\b/g, 'I have'],
  [/\b(do|does|did|is|was|are|were|has|have|had|would|could|should)nt\b/gi, "$1n't"],
  [/\bcan'?t\b/gi, 'cannot'],
  [/\bwo(?:n't|nt)\b/gi, 'will not'],
  [/\bI ain't\b/gi, 'I am not'],
  [/\bain't\b/gi, 'is not'],
  [/(\w)n't\b/gi, '$1 not'],
  [/\bI'm\b/gi, 'I am'],
  [new RegExp(`\\b(I|we)'d (?=${participle}\\b)`, 'gi'), '$1 had '],
  [/\b(\w+)'d\b(?= )/gi, '$1 would'],
  [/(\w)'re\b/gi, '$1 are'],
  [/(\w)'ve\b/gi, '$1 have'],
  [/(\w)'ll\b/gi, '$1 will'],
  [/\b(it|that|he|she|there|what|who|here|name)'s\b/gi, '$1 is'],
  [/\bgonna\b/gi, 'going to'],
  [/\bwanna\b/gi, 'want to'],
  [/\b(?:have )?gotta\b/gi, 'have to'],
  [/(?<!\w)'?(?:cause|cuz|coz)\b(?= (?:I|it|my|we|they|he|she))/gi, 'because'],
  [/(?<!\w)'em\b/gi, 'them'],
  [/\bfav(?:e|es)?\b/gi, 'favorite'],
  [/\bkinda\b/gi, 'kind of'],
  [/ ([.!?,;])/g, '$1'],
];

/** The same sentence with contractions, slang and typographic quotes written out, "i" as "I". */
export const expandContractions = (sentence: string): string =>
  expansions.reduce((text, [form, full]) => text.replace(form, full), sentence).trim();
