import type { PartOfSpeech } from 'wink-nlp';

export interface Word {
  text: string;
  lower: string;
  /** White space before it. */
  space: string;
  pos: PartOfSpeech;
}

/** The words of an English text with their parts of speech. */
export type Tagger = (text: string) => Word[];

/** Loads the English model: a quarter of a second, once. */
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
