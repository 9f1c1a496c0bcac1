import { describe, expect, it } from 'vitest';
import type { Language } from '../../../shared/domain/memory/language.ts';
import { stemIn } from '../../../shared/domain/memory/stemmers.ts';

const forms: { readonly [language in Language]: readonly string[] } = {
  danish: ['katten', 'katte'],
  dutch: ['werken', 'werk'],
  french: ['maisons', 'maison'],
  german: ['häuser', 'häusern'],
  italian: ['chitarra', 'chitarre'],
  portuguese: ['trabalho', 'trabalhava'],
  russian: ['сестра', 'сестрой'],
  spanish: ['trabajan', 'trabajó'],
  swedish: ['katterna', 'katter'],
  ukrainian: ['сестра', 'сестри'],
};

describe('stems by language', () => {
  it.each(Object.entries(forms))('%s: the forms %j have one stem', (language, words) => {
    const stems = words.map((word) => stemIn(language as Language, word));

    expect(new Set(stems).size).toBe(1);
  });

  it('a word of 40 letters that never ends is stemmed by every language', () => {
    for (const language of Object.keys(forms) as Language[])
      expect(stemIn(language, 'e'.repeat(40)).length).toBeLessThanOrEqual(40);
  });
});
