/** Signs that a text tries to instruct a language model or to hide something from people. */
export const suspicions = [
  'override',
  'wipe',
  'role_change',
  'reveal',
  'hidden_text',
  'encoded',
] as const;
export type Suspicion = (typeof suspicions)[number];

/** Characters of a text that are examined. */
const maxChars = 100_000;
/** Most pieces of Base64 that are decoded, and the characters of each. */
const maxPieces = 20;
const maxPieceChars = 4_000;

/** A change of a memory in the form of an answer of the model. A JSON Patch has an `op` as well, but no further field of an answer. */
const answer = /^(?=.*"(?:target|turn|changes)").*"op"\s{0,4}:\s{0,4}"(?:add|update|delete)"/is;

const patterns: readonly (readonly [Suspicion, RegExp])[] = [
  [
    'override',
    /\b(?:ignore|disregard|forget|override|bypass) (?:all |any |every |the |your |these |those |my ){0,3}(?:previous|prior|above|earlier|preceding|former|system|safety|existing) (?:instructions?|prompts?|rules?|messages?|directions?|guidelines?)/i,
  ],
  ['override', answer],
  [
    'wipe',
    /\b(?:delete|erase|wipe|remove|destroy|purge|forget|clear) (?:all |every |the |any |your |of ){0,3}(?:stored |saved |listed |other ){0,2}(?:memor(?:y|ies)|facts|records|entries)\b(?! (?:about|of|on|regarding) (?:my|his|her|our)\b)/i,
  ],
  [
    'role_change',
    /(?:^|[.!?:;\n]\s{0,3})(?:from now on,? )?you are (?:now|no longer) (?:an? |the |in |my |bound |free )|\b(?:act|behave|respond) as (?:an? |the )?(?:unrestricted|jailbroken|uncensored|system|developer|admin(?:istrator)?)\b|(?:^|\n) {0,3}(?:<\|?|\[)(?:system|im_start|inst)\b|(?:^|\n)(?:system|developer)(?: prompt| message| override)?:/i,
  ],
  [
    'reveal',
    /\b(?:reveal|print|show|repeat|output|leak|disclose|tell me) (?:me |us |all |of |the |your |its |whole |full |entire ){0,4}(?:system prompt|hidden prompt|instructions above|system message|initial instructions|secret instructions|memories of (?:other|another|all))/i,
  ],
  [
    'hidden_text',
    /[\u{E0020}-\u{E007E}]|[\u202A-\u202E\u2066-\u2069]|[\u200B\u2060\uFEFF]{4}|<(?:div|span|p) [^<>]{0,80}(?:display: ?none|visibility: ?hidden|font-size: ?0)|<!--/iu,
  ],
];

const base64 = /(?<![A-Za-z\d+/=_-])[A-Za-z\d+/_-]{24,4000}={0,2}/g;

const signsIn = (text: string): Suspicion[] => [
  ...new Set(patterns.flatMap(([sign, pattern]) => (pattern.test(text) ? [sign] : []))),
];

/** Whether Base64 in the text stands for such a text. */
const hasEncoded = (text: string): boolean => {
  let pieces = 0;
  for (const [found] of text.matchAll(base64)) {
    pieces += 1;
    if (pieces > maxPieces) return false;
    const decoded = Buffer.from(found.slice(0, maxPieceChars), 'base64').toString('utf8');
    if (signsIn(decoded).length > 0) return true;
  }
  return false;
};

/**
 * Signs in a text that it may poison memories: orders to ignore instructions, to wipe memories, to take another role or to reveal a
 * prompt; characters and tags that people do not see; Base64 of such orders. A sign is no proof: the text is kept. Takes time linear
 * in the length of the text.
 */
export const suspicionsOf = (text: string): Suspicion[] => {
  const examined = text.slice(0, maxChars);
  return hasEncoded(examined) ? [...signsIn(examined), 'encoded'] : signsIn(examined);
};
