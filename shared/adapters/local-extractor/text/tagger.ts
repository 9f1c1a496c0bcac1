import type { PartOfSpeech } from 'wink-nlp';

export interface Word {
  text: string;
  lower: string;
  /** White space before the word. */
  space: string;
  pos: PartOfSpeech;
}

/** Splits an English text into words with their parts of speech. */
export type Tagger = (text: string) => Word[];

/** Loads the English model, which takes about 250 ms. */
export const loadTagger = async (): Promise<Tagger> => {
  const [{ default: createWink }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = createWink(model, ['sbd', 'pos']);
  const { pos, precedingSpaces } = nlp.its;

  return (text) => {
    const tokens = nlp.readDoc(text).tokens();
    const texts = tokens.out();
    const tags = tokens.out(pos) as PartOfSpeech[];
    const spaces = tokens.out(precedingSpaces) as string[];
    return texts.map((word, i) => ({
      text: word,
      lower: word.toLowerCase(),
      space: spaces[i] ?? '',
      pos: tags[i] ?? 'X',
    }));
  };
};

export const joinWords = (words: readonly Word[]): string =>
  words
    .map(({ space, text }) => space + text)
    .join('')
    .trim();
