/**
 * Words of identifiers that no engineer of the field can guess, each with the term to use. A name is split at its
 * capitals: `gateIsAt` has the words gate, is and at.
 */
export const deniedWords: Readonly<Record<string, string>> = {
  anteroom: 'admissionBuffer',
  backstage: 'CorePlatform',
  bell: 'autoResetEvent',
  bury: 'writeTombstone',
  came: 'enqueuedAt',
  courtesy: 'requestPriority',
  crew: 'inFlightAttempts',
  crowd: 'burst',
  enrol: 'insert',
  filed: 'listed',
  filing: 'listingEntry',
  filings: 'listings',
  gate: 'limiter',
  gates: 'limiters',
  hollow: 'stopWords',
  impatient: 'timeout',
  judge: 'decide, validate',
  judged: 'decided, validated',
  judgement: 'validationResult',
  lane: 'ordering',
  lanes: 'orderings',
  lender: 'contextTurn',
  lenders: 'contextTurns',
  lull: 'debounce, quiet',
  most: 'max',
  park: 'enqueue',
  parked: 'queued',
  parking: 'backlogEntry',
  parkings: 'backlogEntries',
  patience: 'timeout',
  room: 'capacity, freeSlots, remainingBytes',
  tell: 'notify, publish, report',
  telling: 'recipient',
  tellings: 'recipients',
  tells: 'notifies, reports',
  told: 'notified, reported, notifications',
  twin: 'duplicate',
  unfile: 'remove',
  unheard: 'ignored',
  untold: 'nothingToSend',
  verdict: 'result',
  voices: 'neighbours',
  whisper: 'tieBreak',
  whoever: 'the caller',
  world: 'deps, service, environment',
  worded: 'lexical',
};

/** Sequences of words that are standard although one of their words is denied. */
const standardTerms = /at most|dead letter/g;

const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_$]+/g, ' ')
    .toLowerCase();

/** Denied words of an identifier. */
export const deniedIn = (name: string): string[] =>
  wordsOf(name)
    .replace(standardTerms, '')
    .split(' ')
    .filter((word) => Object.hasOwn(deniedWords, word));

/** Phrases of comments that no engineer of the field can guess. */
export const deniedPhrases =
  /\b(anteroom|backstage|bell|crew|courtesy|lull|whisper|twin|whoever|whomever|somebody|nobody|himself|herself|(?<!dead[- ])letter|lane|lanes|told|tells?|telling|untold|verdict|gate|gates|parked|parking|in one breath|stands? in line|in the same breath|by and by|comes? along|lets? (?:in|pass)|is let in|looks? (?:once more|again)|last look|held (?:up|back|by)|has had this|what came|who came|came (?:late|first|before))\b/i;
