/** Tokens of a piece, which take about 0.1 s. */
const maxTokens = 48;
/** English words have a token per five letters or fewer; the model reads words of more than 100 letters as one token. */
const lettersPerToken = 5;
const maxWordLength = 100;

const wordPattern = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;
const sentenceEnd = /^[.!?]$/;

const tokensOfWord = (word: string): number =>
  word.length > maxWordLength ? 1 : Math.ceil(word.length / lettersPerToken);

/** Estimates the tokens of a text, without the model's vocabulary: a few more than there are in English. */
export const estimateTokens = (text: string): number => {
  let tokens = 0;
  for (const [word] of text.matchAll(wordPattern)) tokens += tokensOfWord(word);
  return tokens;
};

/** Splits a text into pieces of bounded estimated tokens, after sentences where there are any. Joined, they are the text. */
export const tokenPieces = (text: string): string[] => {
  const pieces: string[] = [];
  let start = 0;
  let tokens = 0;
  let sentence = { end: 0, tokens: 0 };
  for (const { 0: word, index } of text.matchAll(wordPattern)) {
    const cost = tokensOfWord(word);
    while (tokens > 0 && tokens + cost > maxTokens) {
      const end = sentence.end > start ? sentence : { end: index, tokens };
      pieces.push(text.slice(start, end.end));
      start = end.end;
      tokens -= end.tokens;
      sentence = { end: 0, tokens: 0 };
    }
    tokens += cost;
    if (sentenceEnd.test(word)) sentence = { end: index + 1, tokens };
  }
  return [...pieces, text.slice(start)];
};
