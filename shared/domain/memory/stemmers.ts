import { stemmer as danish } from '@orama/stemmers/danish';
import { stemmer as dutch } from '@orama/stemmers/dutch';
import { stemmer as french } from '@orama/stemmers/french';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as italian } from '@orama/stemmers/italian';
import { stemmer as portuguese } from '@orama/stemmers/portuguese';
import { stemmer as russian } from '@orama/stemmers/russian';
import { stemmer as spanish } from '@orama/stemmers/spanish';
import { stemmer as swedish } from '@orama/stemmers/swedish';
import { stemmer as ukrainian } from '@orama/stemmers/ukrainian';
import type { Language } from './language.ts';

const stemmers: { readonly [language in Language]: (word: string) => string } = {
  danish,
  dutch,
  french,
  german,
  italian,
  portuguese,
  russian,
  spanish,
  swedish,
  ukrainian,
};

/** The stem of a word of a language, in lower case with its accents. */
export const stemIn = (language: Language, word: string): string => stemmers[language](word);
