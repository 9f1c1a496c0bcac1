import { cutEnd } from '../text/cut-end.ts';

/** What a sentence asks to forget: a claim in the first person, a topic, or more than a message may ask for. */
export type Forgetting = { claim: string } | { topic: string } | { everything: true };

const polite =
  /^(?:please|pls|kindly|just|actually|(?:can|could|would|will) you(?: please)?|I (?:want|would like|need) you to|you can|you should)[,\s]+/i;
const verb = '(?:forget|delete|remove|erase|disregard|drop|clear|wipe)';
const claims = new RegExp(
  `^${verb} (?:about )?(?:the (?:fact|memory|part) )?that ((?:I|my|we|our) .+)$`,
  'i',
);
const unsaid =
  /^I (?:never|did not) (?:say|said|tell you|told you|claim|claimed)(?: to you)?(?: that)? ((?:I|my|we|our)\b .+)$/i;
const knowledge =
  '(?:(?:everything|anything|all|what|whatever|the (?:memory|memories|facts?|information|info|data|things?)|(?:any |all |your )?(?:memory|memories|facts?|information|info|data|notes?)|all of it)(?: that)?(?: (?:you|I|we) (?:know|have|had|remember|remembered|stored|saved|learned|said|told you|mentioned|talked|discussed|shared)(?: (?:stored|saved|earlier|before))?)? (?:about|of|on|regarding|related to) )';
const topics = [
  new RegExp(`^${verb} (?:about )?${knowledge}(.+)$`, 'i'),
  /^(?:forget|disregard) about (.+)$/i,
  new RegExp(
    `^${verb} ((?:my|our) .+?)(?: from (?:your )?(?:memory|memories|notes|records))?$`,
    'i',
  ),
] as const;
const sweeping = new RegExp(
  `^(?:.* and )?${verb} (?:(?:all|every|any|your|my|the|of|entire|whole) )*(?:memory|memories|data|conversations?|history|everything|all|facts|records|(?:what )?you know)\\b`,
  'i',
);
const nothingSpecial =
  /^(?:(?:the|every|all|any|other)(?: the)? (?:users?|people|others)|users?|every(?:one|body)|me|it|this|that|them|us|everything|anything|all|myself|my (?:memory|memories|data|history|life|conversations?|past)|you)\b/i;

/** Undefined when the sentence asks to forget nothing. */
export const parseDeletionRequest = (sentence: string): Forgetting | undefined => {
  let request = cutEnd(sentence, /[.!?\s]/);
  for (let before = ''; before !== request; ) {
    before = request;
    request = request.replace(polite, '');
  }
  request = request.replace(/,? (?:please|thanks|thank you)$/i, '');
  const claim = claims.exec(request)?.[1] ?? unsaid.exec(request)?.[1];
  if (claim !== undefined) return { claim };
  for (const pattern of topics) {
    const topic = pattern.exec(request)?.[1];
    if (topic !== undefined) return nothingSpecial.test(topic) ? { everything: true } : { topic };
  }
  return sweeping.test(request) ? { everything: true } : undefined;
};
