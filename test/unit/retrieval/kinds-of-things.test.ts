import { describe, expect, it } from 'vitest';
import { ofAskedKind } from '../../../shared/core/retrieval/kinds-of-things.ts';
import { rank } from '../../../shared/core/retrieval/rank.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';

describe('things of the kind that a question asks for', () => {
  it.each([
    ['What pets does Ana have?', 'We got a puppy last week.'],
    ['Which sports has Ben tried?', 'Kickboxing gives me energy.'],
    ['Which books did Ana like?', 'I loved "Emma".'],
    ['What countries has Ana been to?', 'We flew to Peru.'],
  ])('%j is answered by %j', (question, answer) => {
    expect(ofAskedKind(question)(answer)).toBe(true);
  });

  it.each([
    ['What pets does Ana have?', 'We got a sofa last week.'],
    ['When did Ana move?', 'We got a puppy last week.'],
    ['What countries has Ana been to?', 'We flew in May.'],
  ])('%j is not answered by %j', (question, answer) => {
    expect(ofAskedKind(question)(answer)).toBe(false);
  });

  it('of two texts that a person said, one with a thing of the kind is more relevant', () => {
    const said = (id: string, text: string) => ({
      id,
      text,
      terms: Object.fromEntries(analyze(text).map((stem) => [stem, 1])),
      semantic: 0.4,
      observedAt: 0,
      lineage: [id],
      speaker: 'Ana',
    });
    const query = 'What pets does Ana have?';

    const [first] = rank({
      query,
      queryTerms: analyze(query),
      candidates: [said('a', 'We got a kitten.'), said('b', 'We got a settee.')],
      model: 'minilm-l6-v2@384',
    });

    expect(first?.id).toBe('a');
  });
});
