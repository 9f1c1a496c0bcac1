/** Questions, requests and suppositions: sentences that state nothing. */
const asks =
  /^(?:what|who|whom|whose|where|why|how|which|when (?:is|are|was|did|do|does|will|can|should)|is|are|am|was|were|do|does|did|can|could|will|would|should|shall|may|might|have (?:you|we|they|I)|has|had (?:you|we)|any|wanna|want to|ever)\b/i;
const requests =
  /^(?:please|thank|thanks|congrats|congratulations|let|let us|lets|tell|show|give|help|write|explain|summari[sz]e|translate|generate|create|make|find|search|look|list|suggest|recommend|describe|compare|fix|check|draft|send|read|open|run|add|edit|rewrite|convert|calculate|compute|plan|book|schedule|order|remember when|remember the|imagine|suppose|pretend|act|assume|consider|ignore|disregard|forget|delete|remove|erase|wipe|clear|stop|go|come|keep|take|try|have a|enjoy|see you|talk to|good luck|do not|feel free|if|unless|what if|in (?:my|the|this) (?:story|novel|game|dream|book)|once upon)\b/i;

const questionPart =
  /(?:[,;]| -| —|\band\b|\bso\b|\bbut\b)\s+(?=(?:what|who|where|when|why|how|which|can|could|would|will|do|does|did|is|are|should|any|have you|please|suggest|recommend)\b)/i;
const tag = /,? (?:right|you know|okay|ok|huh|eh|correct|yeah)\?+$/i;

/** What a sentence states: itself, the statement before its question, or nothing. */
export const statedPart = (sentence: string): string | undefined => {
  const plain = sentence.replace(tag, '.');
  if (requests.test(plain)) return undefined;
  if (!/\?["')\]]*$/.test(plain)) return asks.test(plain) ? undefined : plain;
  const cut = plain.split(questionPart)[0] ?? plain;
  return cut === plain || asks.test(cut) || !/^(?:I|my|we|our)\b/i.test(cut)
    ? undefined
    : `${cut}.`;
};

const notAboutMe =
  /^(?:their|his|her|its|here|so much|now the|for (?:letting|being|your|the)|really|it|this|that|those|these|what|you|your|he|she|they|who|which|how|when you|let)\b/i;
const me = /(?:^|[\s("'])(?:I|my|me|mine|myself)\b(?!\.[A-Z])|^(?:we|our)\b/i;
const quoted = /"[^"]*"/g;

/** A statement of the speaker's own life: first person, and not about a "that" which only the conversation knows. */
export const isPersonal = (statement: string): boolean =>
  !notAboutMe.test(statement) && me.test(statement.replace(quoted, '""').replace(/\bUS\b/g, ''));
