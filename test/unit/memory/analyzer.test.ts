import { describe, expect, it } from 'vitest';
import { analyze, countTerms } from '../../../shared/domain/memory/analyzer.ts';
import { cpuOf } from '../../support/cpu-of.ts';

const shared = (a: string, b: string): string[] => {
  const other = new Set(analyze(b));
  return analyze(a).filter((term) => other.has(term));
};

describe('terms of a text', () => {
  it('stop words are left out and other words are stemmed', () => {
    expect(analyze('She was running with the studies')).toEqual(['run', 'studi']);
  });

  it('terms keep the order and the repetitions of the words', () => {
    expect(analyze('tea, coffee, tea')).toEqual(['tea', 'coffe', 'tea']);
  });

  it('a text of stop words only keeps them as terms', () => {
    expect(analyze('who am I')).toEqual(['who', 'am', 'i']);
  });

  it('contractions and possessives are reduced to their first word', () => {
    expect(analyze("Anna's garden isn't big, she can't say they’ll sell")).toEqual(
      analyze('Anna garden big say sell'),
    );
    expect(analyze("O'Brien met l'oncle")).toEqual(expect.arrayContaining(['brien', 'oncl']));
  });

  it('quantifiers and comparatives are stop words', () => {
    expect(analyze('all any each few more most other same some such more tea')).toEqual(['tea']);
  });

  it('the month of May is not a stop word', () => {
    expect(analyze('in May')).toEqual(['may']);
  });

  it('numbers are terms, with ordinals and thousands normalized', () => {
    expect(analyze('the 7th of 2023')).toEqual(['7', '2023']);
    expect(analyze('21,000 miles')).toEqual(analyze('21000 miles'));
  });

  it('words that differ in accents, ligatures, width or case have the same term', () => {
    expect(analyze('CAFÉ naïve Ｔｏｋｙｏ ﬁne')).toEqual(analyze('cafe naive tokyo fine'));
    expect(analyze('Straße in Łódź')).toEqual(analyze('strasse in lodz'));
    expect(analyze('Ёлка')).toEqual(analyze('елка'));
  });

  it.each([
    ['Chinese', '我养了一只猫', '猫'],
    ['Chinese words of two', '我住在北京朝阳区', '北京'],
    ['Japanese', '私は東京に住んでいます', '東京はどこ'],
    ['Katakana', 'カレーライスが好き', 'カレー'],
    ['Korean with a particle', '주말에 책을 읽어요', '책'],
    ['Thai', 'ฉันอาศัยอยู่ในกรุงเทพ', 'กรุงเทพ'],
    ['Hindi', 'मुझे चाय पसंद है', 'चाय'],
    ['Arabic', 'أحب القهوة', 'القهوة'],
    ['emoji', 'moving day 🏡🎉', '🎉'],
    ['a flag', 'flying to 🇫🇷 soon', '🇫🇷'],
  ])('%s text shares a term with a query for a part of it', (_, text, query) => {
    expect(shared(query, text)).not.toEqual([]);
  });

  it.each([
    ['German', 'Meine Schwester hat drei Katzen', 'Wie heißt die Katze?'],
    ['German with an umlaut', 'Ich wohne zwischen alten Häusern', 'In welchem Haus wohnst du?'],
    ['Spanish', 'Mi hermano trabajaba en varios hospitales', '¿En qué hospital trabajó?'],
    ['Spanish without accents', 'Mi prima cocina paellas', 'que paella hace mi prima'],
    ['French', 'Mes parents habitaient à Lyon', 'Où habitent mes parents ?'],
    ['Italian', 'Mia sorella suona due chitarre', 'Che chitarra suona?'],
    ['Portuguese', 'Eu trabalho em dois hospitais', 'Onde é que você trabalhava?'],
    ['Dutch', 'Mijn zus heeft twee fietsen', 'Waar is de fiets van mijn zus?'],
    ['Swedish', 'Jag har två katter', 'Vad heter katten?'],
    ['Danish', 'Min søster har to katte', 'Hvad hedder katten?'],
    ['Norwegian', 'Jeg har mange bøker og to katter', 'Hva heter katten?'],
    ['Russian', 'Моя сестра живёт в Москве', 'Что она делает с сестрой?'],
    ['Ukrainian', 'Мої сестри живуть у Києві', 'Де живе її сестра?'],
  ])('%s text shares a term with an inflected form of its words', (_, text, query) => {
    const found = shared(query, text).filter((term) => term.length > 2);

    expect(found).not.toEqual([]);
  });

  it('a text of a certain language keeps the terms that a text of an uncertain one has', () => {
    expect(analyze('Meine Katzen')).toEqual(expect.arrayContaining([...analyze('Katzen')]));
    expect(shared('Katzen', 'Ich habe zwei Katzen')).not.toEqual([]);
  });

  it('a foreign name does not change the other terms of an English text', () => {
    expect(analyze('Елена likes running')).toEqual(
      expect.arrayContaining([...analyze('likes running')]),
    );
    expect(analyze('We watched Les Misérables and Das Boot running')).toEqual([
      'watch',
      'les',
      'miser',
      'das',
      'boot',
      'run',
    ]);
  });

  it('words of Thai are terms, so that texts with other words of the same characters differ', () => {
    expect(analyze('ฉันอาศัยอยู่ในกรุงเทพ')).toEqual(expect.arrayContaining(['อาศัย', 'กรุงเทพ']));
  });

  it('combining marks that change a letter of a script other than Latin are kept', () => {
    expect(shared('ガガ', 'カカ')).toEqual([]);
    expect(analyze('नमस्ते')).toEqual(['नमस्ते']);
  });

  it.each(['', '   ', '\n\t', '!?.', '\ud800', '\0'])('the text %j has no terms', (text) => {
    expect(analyze(text)).toEqual([]);
  });

  it('the analysis of a huge text yields a bounded number of bounded terms', () => {
    const huge = [
      'lorem ipsum '.repeat(200_000),
      '漢'.repeat(2e6),
      'a'.repeat(2e6),
      'ﷺ'.repeat(1e6),
    ];

    for (const text of huge) {
      const terms = analyze(text);
      expect(terms.length).toBeLessThanOrEqual(4_096);
      expect(terms.every((term) => term.length <= 40)).toBe(true);
    }
  });
});

describe('counts of terms', () => {
  it('words at the end of prose of 64 kB are counted', () => {
    const prose = Array.from({ length: 1_600 }, (_, at) => `Quick fox ${at} jumps over lazy dogs.`);

    expect(countTerms(`${prose.join(' ')} Kashgar.`)).toMatchObject({ kashgar: 1, fox: 1_600 });
  });

  it('the counted terms of a huge text are bounded', async () => {
    const words = Array.from({ length: 25_000 }, (_, at) => `w${at}`).join(' ');
    const huge = [words, '漢字'.repeat(1e6), 'tea '.repeat(1e6)];

    for (const text of huge) {
      const { answer: counts, ms } = await cpuOf(async () => countTerms(text));
      expect(Object.keys(counts).length).toBeLessThanOrEqual(4_096);
      expect(ms).toBeLessThan(50);
    }
  });

  it('countTerms returns how often each term occurs', () => {
    expect(countTerms('tea, coffee, more teas')).toEqual({ tea: 2, coffe: 1 });
  });

  it('names of Object methods are counted like other terms, also after JSON', () => {
    const counts = countTerms('the constructor of __proto__, constructor, valueOf');

    expect(Object.hasOwn(counts, 'constructor')).toBe(true);
    expect(counts['constructor']).toBe(2);
    expect(JSON.parse(JSON.stringify(counts))).toEqual(counts);
    expect(Object.getPrototypeOf(counts)).toBe(Object.prototype);
  });

  it('a letter with thousands of combining marks is analysed fast', async () => {
    const { ms } = await cpuOf(async () => countTerms(`a${'\u0300\u0316'.repeat(30_000)} tea`));

    expect(ms).toBeLessThan(50);
    expect(countTerms(`a${'\u0300\u0316'.repeat(30_000)} tea`)).toHaveProperty('tea');
  });

  it.each([
    ['letters', 'x'],
    ['accents', 'é'],
    ['marks', 'a\u0300\u0316'],
    ['marks alone', '\u0301 '],
    ['emoji', '👩‍👩‍👧'],
    ['ideographs', '漢'],
    ['Thai', 'ก'],
    ['Burmese', 'ကျွန်တော်'],
    ['ligatures', 'ﷺ'],
    ['German', 'ich wohne in München '],
    ['Russian', 'живёт сестра '],
    ['apostrophes', "'"],
  ])('a megabyte without end is analysed fast: %s', async (_, unit) => {
    const text = unit.repeat(1_000_000 / unit.length);

    const { ms } = await cpuOf(async () => countTerms(text));

    expect(ms).toBeLessThan(100);
    expect(Object.keys(countTerms(text))).not.toContain('');
  });

  it('the counts of a text without terms are empty', () => {
    expect(Object.keys(countTerms(''))).toEqual([]);
  });
});
