declare module 'snowball-stemmers' {
  const snowball: {
    newStemmer(language: 'english' | 'porter'): { stem(word: string): string };
  };
  export = snowball;
}
