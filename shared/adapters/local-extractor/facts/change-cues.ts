/** Words that say that something ended, was exchanged or was said wrongly. */
const change = new RegExp(
  [
    String.raw`\b(?:cancel(?:l?ed|ling)|call(?:ed|ing)? off|scrapped|dropped|stopped|quit|gave up|gave (?:it|that|them|those) up|giv(?:e|en|ing) up|kicked|ditched`,
    'sold|trad(?:ed|ing)|swapp?(?:ed|ing)|switch(?:ed|ing)|replac(?:ed|ing)|renamed|mov(?:ed|ing)|rebooked|rescheduled|postponed|push(?:ed)? (?:it |them |that )?(?:back|out|to)|pushed|bumped|brought forward|upped',
    'put (?:me|them|User|him|her|(?:the|their|my) [a-z]+) on|got (?:cheaper|pricier|more expensive|bigger|smaller|longer|shorter|better|worse|easier|harder)|(?:gave|offered) (?:User|me|us|them) (?:the \\d|\\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|back to (?:day |square )?(?:one|zero|\\d)|prescribed|makes (?:it )?(?:two|three|four|five|six|seven|eight|nine|ten|\\d+)|raised|lowered|increased|reduced|doubled|halved|changed|shifted|extended|grew|shrank|went (?:up|down|off|from|with)|going with|(?:is|are|up|down|been) (?:up|down) to|down to|up to|broke up|split up|(?:is|are) (?:done|over|gone|full)|ended|ran out|run out',
    'washed out|chickened out|backed out|bailed|disband(?:ed|ing)|offline|uninstalled|deleted|withdrew|withdrawn|stepped down|turned (?:it |them |that )?down|declined|decided (?:against|not to)|staying put|rehome|will not be|cut (?:out|back|down)|lapsed|refunded|(?:sent|gave|paid) (?:[\\w-]+ ){1,4}back|fixed|repaired|healed|cured|in remission|called it quits',
    'came off|(?:is|are) off(?! to)|expired|lost interest|ruled out|retired|no longer|no more|is not|are not|was not|does not|do not|anymore|any more|any longer',
    "(?:gone|going|went|go) over to|gone with|mak(?:e|es|ing) (?:it|that) (?:\\d+|two|three|four|five|six|seven|eight|nine|ten|an? )|found (?:an? |the )?(?:new |another )?(?:work|job|flat|apartment|place)|did not (?:get|make|pass|win|happen|work out)|outbid|rejected|discharged|fell out|dried up|picked up|(?:home|up|well|open) again|paid (?:\\w+ ){1,3}back|paid off|got (?:\\w+ ){1,4}(?:replaced|fixed|repaired|removed|back)|last (?:\\w+ ){1,2}was|upgraded|downgraded|went to \\d+|(?:gone|went|go(?:es|ing)?) back to|(?:got|has|have|gave|given|is|are) (?:[\\w']+ )?a different|stolen|totall?ed|wrecked|burn(?:t|ed) down|went missing|over(?=[.!]?$)|(?:took|taken|pulled) (?:[\\w']+ ){1,4}(?:out of|off)",
    "re(?:seated|assigned|located|routed|housed|placed)|(?:broke|smashed|cracked|lost|drowned|wrecked|returned) (?:[\\w'-]+ ){1,4}(?:[^.]{0,30} )?(?:bought|got|switched|use|have|ordered|went)|handed (?:[\\w'-]+ ){1,5}(?:to|over)|(?:cut|drop|lower|raise|increase|reduce|push|move|bump|bring|bring|go|going|goes) (?:[\\w'-]+ ){0,5}(?:up |down |back )?(?:to|by) (?=\\d|\\w+day\\b|(?:two|three|four|five|six|seven|eight|nine|ten|half|one)\\b)|new (?:best|record|personal best|pb)|took over from|takes over from|in place of|(?:is|was) (?:sold|let|scrapped) ",
    '(?:postpone|reschedule|drop|cancel|cut out) (?:the|their|it|them)|chopped|shaved|trimmed|renewed|recovered|graduated|re-?opened|no good anymore',
    'after all|instead|rather than|turns out|turned out|meant|actually|mistake|correction|broken|back from|left(?! (?:the|a|an|their|his|her) [^,.]{1,30} (?:at|in|on))|closed|migrated|finished|handed (?:back|in)|(?:gave|gives|giving) (?:[\\w-]+ ){1,4}away|rehomed?|got rid|pulled out|fell through|got promoted|promoted|ended up|is now|are now|has become|became',
    'settled in|hung up|ripped|pull(?:ed|ing)? (?:the plug|out)|back(?:ed|ing)? out|(?:gone|went|going) off|died(?=,? (?:so|and)\\b)|packed (?:it |them )?in|conked out|axed|culled|binned|chucked|to replace|took over|redundant|laid off|let go|had to (?:move|sell|cancel|pull|give|drop|stop|leave|return|switch|change)|could only|only had|can only|put(?:ting|s)? (?:the |their |it |my )?(?:[\\w-]+ ){0,3}(?:back|up|down|forward|off) (?:to|until|till|by)|crept up|climb(?:ed|s) to|(?:fell|rose|shot up|slipped|jumped) to|talked (?:them|him|her|it) down|better (?:quote|deal|offer)|parted ways|plans? (?:have |has |had )?changed|change of (?:plans?|heart|mind)|changed (?:hands|their mind)|from here on|from then on|realistically|until further notice|for the time being|for now|mixed up|came out of|grown out of|outgrew|outgrown|moved on|gone (?:up|down|back|from)|reorg|transferred|upsized|downsized|graduat(?:es|ing)|hit \\d|got to \\d|reached \\d|is back\\b|are back\\b|came home|cut (?:[\\w-]+ )?(?:out|back|down)\\b|come (?:a)?round to|warmed to|had enough of|fed up|signed a|went bust|went under|folded|wound up|closer to|nearer to|no .{2,40} for (?:me|them|User)\\b|too (?:expensive|far|small|slow|dark)|loan is down',
    'let(?:s|ting)? (?:[\\w-]+ ){1,3}(?:go|lapse)\\b|hired (?:an? )?new|stood (?:me|User|them) up|misdiagnos|(?:cutting|dropping|raising|lowering|putting|pushing|bumping|bringing|upping) (?:[\\w-]+ ){1,4}(?:to|up|down|back)\\b|picked [A-Z]|made it into|dyed|shaved off|cut (?:their|my) \\w+ (?:short|off)|went from|just one\\b|(?:is|are) fine\\b|(?:gave|give|giving) (?:the |their |it )?(?:[\\w-]+ )?a miss|lied about|(?:is|are) dead\\b|put (?:User.s|their|my) [\\w-]+ (?:by|in|on|at|near|next)\\b|(?:settled|decided) on|reshuffled|reorgani[sz]ed|restructured|zero (?!tolerance|sugar|waste)|(?:can|may|should|must|told .{2,20} to|has to|is to) (?:stop|quit|skip|come off)\\b|installed|puts? [A-Z]\\w+ on (?:the|their|it)|started (?:(?:at|in|as|on|putting|using|taking|seeing|going|eating|drinking|working|driving)\\b|[\\w-]+ grade)|gets? me up|has User up|wants? (?:me|them|User) on|moved (?:[\\w-]+ ){0,4}(?:off|onto)\\b|made (?:me|us|them|User) ',
    "nowadays|these days|as of|from now on|has not|haven't|got (?:my|their|User's) own|(?<!\\b(?:get|gets|got|getting|is|are|am|be|been) )used to",
    // The commonest such words of other languages.
    'vend[ií]|vendu|verkauft|verkocht|gestolen|cambi[eé]|ya no|nicht mehr|ne plus|não mais|non pi[uù]|niet meer|dej[eé]|umgezogen',
    String.raw`ahora|jetzt|maintenant|agora|adesso|comprei|compr[eé])\b|现在|現在|不再|了，|やめ|なりました|今は`,
  ].join('|'),
  'i',
);
/** A change that is denied: "is not going to give up". */
const denied =
  /\b(?:not|never) (?:\w{1,20} ){0,3}(?:giv(?:e|ing) up|stop(?:ped|ping)?|quit(?:ting)?|cancel(?:l?ed|ling)?|drop(?:ped|ping)?|sell(?:ing)?|sold|mov(?:e|ed|ing)|chang(?:e|ed|ing))\b/gi;
/** Beginnings of wishes, open plans, feelings and comparisons. */
const unreal =
  /^(?:(?:if|what if|imagine|suppose)\b|(?:User|I|We|They) (?:\([^)]*\) )?(?:really |just |also |only |sometimes |still |often )*(?:hopes?|wish(?:es)?|dreams?|might|feels? (?:like|as)|would (?:love|like|be|have)|imagines?|(?:is |are |am )?(?:thinking|dreaming) (?:about|of)|considers?|(?:is |are |am )?considering|wonders?|practically|basically|virtually)\b|It would be|Maybe |Perhaps )/i;
/** Words of what was so at an earlier time. */
const former =
  /\b(?:was|were|had|lived|worked|went|drove|weighed|played|started out)\b.*\b(?:in (?:19|20)\d\d|as an? (?:kid|child|teenager|student|boy|girl)|back then|years ago|at the time|for (?:many |\w+ )?(?:years|months))\b|^User used to (?!.*(?:[,;]|\b(?:but|now|nowadays|these days|until|till)\b))|^(?:Before that|Back then|Earlier|Years ago|As a (?:kid|child|teenager|student))\b|\bfirst (?:car|job|phone|house|flat|boss) was\b/i;

/** Words that often go with a change, and as often with something else. */
const hint =
  /\b(?:now|currently|lately|again|new|since|wants?|from (?:the (?:week|month|year) after|next|this|(?:january|february|march|april|may|june|july|august|september|october|november|december))|not|cannot|never|only|more like|just|finally|today|this time|this (?:week|month|year|morning|season|term|semester|summer|winter)|nu|ora)\b/i;
const addition =
  /\btoo(?=[.,!;]|$)|\b(?:also|another|as well|both|second|other|besides|plus|in addition)\b/i;
const renewed = /\bnew ((?:[\w-]{1,30} )?[\w-]{1,30})/i;
const clauseEnd = /[,;:.]\s|\s(?:so|but|because|and then)\s/i;

/** "I just joined a Zoom call" says nothing of the tool that one has. */
const isOfNow = /\b(?:now|currently|lately|since|new|from (?:this|next|the))\b/i;

/** Signs of a change in a text. */
export interface ChangeCues {
  /** Words of a change, or mere hints at one. */
  isChange: boolean;
  isHint: boolean;
  /** Something is there besides. */
  isAddition: boolean;
  /** A wish or a feeling, or what was so at an earlier time, which changes nothing. */
  isUnreal: boolean;
  /** Something holds from now on. */
  isOfNow: boolean;
  /** Clauses with the cue. */
  clauses: string;
  /** Thing that the text calls new; empty without one. */
  renewed: string;
}

const clausesWith = (text: string, cue: RegExp): string =>
  text
    .split(clauseEnd)
    .filter((clause) => cue.test(clause))
    .join(' ');

/** Reads the words of a change in a text, denied changes aside. */
export const readCues = (whole: string): ChangeCues => {
  const text = whole.replace(denied, ' ');
  const isChange = change.test(text);
  return {
    isChange,
    isHint: hint.test(text),
    isOfNow: isOfNow.test(text),
    isAddition: addition.test(text),
    isUnreal: unreal.test(text) || (former.test(text) && (!isChange || /^User used to/.test(text))),
    clauses: clausesWith(text, isChange ? change : hint),
    renewed: renewed.exec(text)?.[1] ?? '',
  };
};
