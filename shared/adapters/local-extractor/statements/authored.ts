/** A part of a message, and its author where that is not the writer of the message. */
export interface Authored {
  author?: string;
  text: string;
  /** The person to whom the writer of the message speaks in it. */
  addressee?: string;
  /** Set for a message of a chat: many of these only react to others. */
  isChat?: true;
  /** A note about the author, such as a signature. */
  isNote?: true;
  /** The author of the words is not named. */
  isForeign?: true;
  /** The author is a part to play. */
  isPlay?: true;
}

/** Words in front of a colon that name no person. */
export const noAuthor =
  /^(?:fwd?|re|rewrite|translate|summari[sz]e|correct|proofread|explain|fix|improve|paraphrase|write|text|quote|title|context|prompt|input|output|name|names|job|age|city|home|work|diet|likes?|loves?|hates?|food|note|notes|ps|p\.s|important|update|correction|edit|todo|done|system|assistant|user|human|ai|remember|reminder|fyi|address|email|phone|mobile|hobby|hobbies|dislikes?|allergy|allergies|point|example|question|answer|q|warning|tip|summary|plan|goal|goals|today|tomorrow|tonight|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|subject|date|from|to|breakfast|lunch|dinner|status|profile|bio|about me|about|fact|facts|info|hint|anyway|also|btw|overheard|conclusion|result|problem|issue|background)$/i;
