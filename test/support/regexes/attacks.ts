import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** Input in two lengths: the short one shows, at a fifth of the cost, whether the long one is worth running. */
export interface Attack {
  short: string;
  long: string;
}

const lengths = { short: 20_000, long: 100_000 };
/** Bound on the inputs derived from one expression; further ones are similar. */
const maxOwn = 100;

const pool = [
  ...'aAI0 ,.!?;:\'"-_()/#@\n\té漢я\u0301\u200d😀🇩',
  ...'bcdefghijklmnopqrstuvwxyzBZ19',
];

const parser = new RegExpParser({ ecmaVersion: 2025 });

type Set = AST.CharacterClass | AST.CharacterSet | AST.ExpressionCharacterClass;

const filled = (repeated: string, length: number): string =>
  repeated === '' ? '' : repeated.repeat(Math.ceil(length / repeated.length)).slice(0, length);

const attack = (before: string, repeated: string, after: string): Attack => ({
  short: before + filled(repeated, lengths.short) + after,
  long: before + filled(repeated, lengths.long) + after,
});

/** Generates texts that parts of an expression match. */
const samplerOf = (flags: string) => {
  const known = new Map<string, string[]>();
  const membersOf = ({ raw }: Set): string[] => {
    const members =
      known.get(raw) ??
      pool.filter((character) =>
        new RegExp(`^${raw}$`, flags.replace(/[gy]/g, '')).test(character),
      );
    known.set(raw, members);
    return members;
  };

  const sampleOf = (element: AST.Element): string => {
    switch (element.type) {
      case 'Character':
        return String.fromCodePoint(element.value);
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass':
        return membersOf(element)[0] ?? '';
      case 'Group':
      case 'CapturingGroup':
        return sequence(element.alternatives[0]?.elements ?? []);
      case 'Quantifier':
        return sampleOf(element.element).repeat(Math.max(1, element.min));
      default:
        return '';
    }
  };

  const sequence = (elements: readonly AST.Element[]): string => elements.map(sampleOf).join('');

  /** Sample matches of an element, one per alternative or kind of character. */
  const kindsOf = (element: AST.Element): string[] => {
    switch (element.type) {
      case 'CharacterClass':
      case 'CharacterSet':
      case 'ExpressionCharacterClass': {
        const members = membersOf(element);
        return [...members.slice(0, 3), ...members.filter((member) => ' ,.!'.includes(member))];
      }
      case 'Group':
      case 'CapturingGroup':
        return element.alternatives.slice(0, 6).map(({ elements }) => sequence(elements));
      case 'Quantifier':
        return kindsOf(element.element);
      default:
        return [sampleOf(element)];
    }
  };

  return { sequence, kindsOf };
};

type Sampler = ReturnType<typeof samplerOf>;

/** Repetition of an expression: a matching prefix, and the texts to repeat after it. */
interface Repeated {
  before: string;
  pumps: string[];
}

/** Matches of a repetition: each kind alone, and one together with the next element. */
const pumpsOf = (
  element: AST.Element,
  next: AST.Element | undefined,
  { kindsOf, sequence }: Sampler,
): string[] => {
  if (element.type !== 'Quantifier' || element.max <= 4) return [];
  const kinds = kindsOf(element);
  const [first = ''] = kinds;
  return next ? [...kinds, first + sequence([next])] : kinds;
};

const alternativesOf = (element: AST.Element): AST.Alternative[] => {
  if (element.type === 'Quantifier') return alternativesOf(element.element);
  return 'alternatives' in element ? element.alternatives.slice(0, 12) : [];
};

const pumpsIn = ({ elements }: AST.Alternative, before: string, sampler: Sampler): Repeated[] =>
  elements.flatMap((element, at): Repeated[] => {
    const upTo = before + sampler.sequence(elements.slice(0, at));
    // Repeats the beginning of the match.
    const whole = sampler.sequence(elements.slice(0, at + 1));
    return [
      { before: upTo, pumps: pumpsOf(element, elements[at + 1], sampler) },
      { before, pumps: whole.length < 200 ? [whole] : [] },
      ...alternativesOf(element).flatMap((inner) => pumpsIn(inner, upTo, sampler)),
    ];
  });

const suffixes = ['', 'x', '\0\n.', '\n'];

/** Inputs for every expression: a repeated text, with and without a mismatch at the end. */
const general = [
  ...[
    'x',
    ' ',
    '.',
    ',',
    '!',
    '\n',
    '\t',
    '0',
    '-',
    '"',
    "'",
    '(',
    ':',
    '/',
    '#',
    '*',
    '_',
    'X',
    'é',
    '漢',
    'я',
    '😀',
  ],
  ...[
    'x ',
    ' ,',
    ', ',
    '. ',
    'I ',
    "x'",
    '。',
    'x,',
    '\r\n',
    'a1',
    'A.',
    'x-',
    'привет, ',
    'ab 漢字 я. ',
    'and ',
    'my ',
  ],
].flatMap((repeated) => [attack('', repeated, ''), attack('', repeated, 'Ω')]);

const spread = <T>(all: readonly T[], max: number): T[] =>
  all.length <= max
    ? [...all]
    : all.filter(
        (_, at) =>
          Math.floor((at * max) / all.length) !== Math.floor(((at - 1) * max) / all.length),
      );

const ownInputs = (source: string, flags: string): Attack[] => {
  const sampler = samplerOf(flags);
  const modes = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
  const pattern = parser.parsePattern(source, 0, source.length, modes);
  const pumps = pattern.alternatives.flatMap((alternative) => pumpsIn(alternative, '', sampler));
  const inputs = pumps.flatMap(({ before, pumps: all }) =>
    [...new Set(all)].flatMap((repeated) =>
      suffixes.map((suffix) => [before, repeated, suffix] as const),
    ),
  );
  const once = new Map(inputs.map((parts) => [parts.join('\u{10ffff}'), parts]));
  return spread([...once.values()], maxOwn).map((parts) => attack(...parts));
};

/** Inputs of 100,000 characters that are likely to make an expression slow. Deterministic. */
export const attacksOn = (source: string, flags: string): Attack[] => [
  ...general,
  ...ownInputs(source, flags),
];
