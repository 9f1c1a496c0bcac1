import { analyze } from '../../../domain/memory/analyzer.ts';

/** A subject of which a person has one value, and the texts that name it by different words. The group `owner` is the person it belongs to. */
type Subject = readonly [term: string, pattern: RegExp];

const adverbs =
  '(?:(?:now|currently|still|just|recently|finally|usually|always|mostly|only|also|never|already|has|have|been|has got|is|to|not|normally|probably|officially) )*';
const owner =
  "(?<owner>User's (?:[a-z-]+ ){0,2}?[a-z-]+(?:(?<=\\b(?:mother|father|brother|sister|son|daughter)) in law)?|(?!User\\b)\\p{Lu}[\\p{L}-]+)";
const phones =
  '(?:iphone|pixel|galaxy|samsung|oneplus|xiaomi|huawei|motorola|nokia|fairphone|android)';
const clock =
  '(?:at |by |around |about |from |past |until |till |half |quarter )*(?:\\d|noon|midnight|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\\b)';
const vehicles =
  '(?:bus|train|tram|metro|subway|underground|tube|ferry|car|bike|bicycle|scooter|moped|motorbike|e-bike|ebike|cab|taxi|lift|s-bahn|u-bahn)';

/** Subjects that change only with a word of a change, or a hint at one. Facts about others' homes or phones begin with those others. */
const subjects: readonly Subject[] = [
  [
    '#home',
    /^(?:User (?:\(.{1,40}\) )?(?:lives|moved|has (?:just |finally )?moved|has settled in|settled in|is settled in|(?:just |finally )?bought a (?:house|flat|place|home|condo)|(?:finally )?got (?:their|User's) own (?:place|flat|home|apartment)|(?:just |finally )?(?:got|found|rented|bought|has) an? (?:bigger|smaller|new|nicer|different|cheaper) (?:place|flat|home|apartment|house|condo))|User's (?:new |current )?(?:home |street )?(?:address|place) is|new address)\b/i,
  ],
  [
    '#pet',
    /^User (?:(?:does not have|has no) (?:any )?(?:pets?|animals)\b|(?:just |finally )?adopted an? )/i,
  ],
  [
    '#seat',
    /^(?:User's seat\b.{0,60}\b\d{1,2}[A-K]\b|.{0,40}\b(?:moved|switched|changed|upgraded|reseated|bumped|put|gave|given|assigned)\b.{0,40}\b\d{1,2}[A-K]\b|.{0,60}\bseats? .{0,40}(?:\d{1,2}[A-K]|[A-K]\d{1,2})\b)/i,
  ],
  [
    '#boss',
    /^(?:User's (?:new |old |line |direct )*(?:boss|manager|supervisor|team lead) is|User (?:is reporting|(?:now )?reports|has to report|answers) (?:directly )?to|\p{Lu}[\p{L}'-]+ (?:is|became) User's (?:new |line |direct )*(?:boss|manager|supervisor))\b/iu,
  ],
  [
    '#shift',
    /^(?:They (?:have |had |just )*(?:put|moved|switched) User|User (?:is|works|switched to|moved to|went)) (?:on |the |to )*(?:early|late|night|day|morning|evening)s?(?: shifts?)?\b/i,
  ],
  [
    '#hours',
    /^User (?:works? \d+ hours|(?:has )?(?:cut|reduced|dropped|raised|increased) (?:their|User's) hours (?:to|by))\b/i,
  ],
  [
    '#bank',
    /^User (?:(?:now )?banks|moved (?:all )?(?:their|User's) accounts?|(?:has |is )?(?:an account|with|opened an account) (?:at|with))\b/i,
  ],
  [
    '#phone',
    new RegExp(
      `^User(?:'s (?:new )?phone is| (?:switched|upgraded|changed) (?:from .{1,40} )?to an? (?:new )?${phones}| ${adverbs}(?:uses|has|has got|got|bought|treated themselves to) an? (?:new )?${phones})\\b(?! (?:tv|television|watch|tablet|monitor|fridge|freezer|washing|soundbar|laptop)\\b)`,
      'i',
    ),
  ],
];

/** Further ones, which say too little to count as common words of two facts. */
const loose: readonly Subject[] = [
  [
    '#shoe size',
    /\b(?:size \d{1,2}(?:\.5)?\b|shoe size is|wears? (?:a |an )?\d{2}(?:\.5)?(?: now)?[,.])/i,
  ],
  ['#chat tool', /\b(?:Slack|Teams|Discord|Mattermost|Webex|Skype|Zoom|Google Meet)\b/],
  [
    '#browser',
    /\bUser .{0,30}\b(?:chrome|firefox|safari|edge|brave|opera|vivaldi|arc|duckduckgo)\b(?! (?:card|os|road|street|house))/i,
  ],
  [
    '#job',
    /^(?:User (?:works (?:as|at|for|in)|has a job (?:as|at)|(?:is|started) (?:re-?)?training (?:to be|as|to become)|(?:re-?)?trained as|started (?:working |work )?(?:as|at|for)|left \w+ing\b|is now an? |became an? |runs (?:their|User's) own|is (?:now )?self-employed|went freelance|is (?:now )?freelancing|opened (?:an?|their) (?:own )?(?:shop|bakery|cafe|restaurant|studio|practice|business)|set up on their own|has been promoted|got promoted|retired|has retired|handed in (?:their|the) notice|has hung up|quit)|They moved User to the|User's (?:new )?job is)\b/i,
  ],
  [
    '#team',
    /\bUser (?:works |is |got moved |was moved |moved |has moved |transferred )?(?:on|in|to) the \w+ team\b|\bThey (?:moved|put|transferred) User (?:to|on|in) the \w+ team\b/i,
  ],
  [
    '#language',
    /^User (?:is )?(?:writes|writing|programs|codes|coding|programming)(?: \w+)? (?:in|with) (?:python|java|javascript|typescript|rust|go|ruby|c|c\+\+|php|kotlin|swift|scala)\b|\b(?:it is mostly|mostly|moved (?:over )?to|switched to) (?:python|java|javascript|typescript|rust|ruby|php|kotlin|swift|scala)\b/i,
  ],
];

/** Subjects that a person has one value of at any time, so that another value is a change without any word of one. */
const exclusive: readonly Subject[] = [
  [
    '#commute',
    new RegExp(
      `\\bUser ${adverbs}(?:(?:bikes?|biking|cycles?|cycling|walks?|walking|drives?|driving|commutes?|rides|runs) (?:.{1,20} )?to (?:work|the office|school|uni|campus)\\b|(?:takes?|taking|gets?|catch(?:es)?|rides?) (?:the |a |bus |line |\\d+ )*(?:${vehicles}|\\d+)(?: \\d+)? (?:.{1,20} )?to (?:work|the office|school|uni|campus)\\b)|\\b(?:bus|tram|line) \\d+ takes User to work\\b`,
      'i',
    ),
  ],
  [
    '#employment',
    /^User (?:is|works?|went|has gone|goes|is working|has been|switched to|is back)(?: (?:back|to|now|currently|only|going))* (?:work )?(?:part[- ]time|full[- ]time|retired|unemployed|self-employed|freelance)\b|^They (?:have |had |just )*(?:taken|took|kept|hired|put) User (?:on )?(?:part[- ]time|full[- ]time)\b/i,
  ],
  [
    '#train',
    /\bUser (?:\w+ )?(?:is on|takes?|catch(?:es)?|gets?|rides|has to take) the \d{1,2}[:.]\d\d\b/i,
  ],
  [
    '#waking',
    new RegExp(
      `\\b(?:User ${adverbs}(?:wakes? up|gets? up|rises?|waking up|getting up|has to (?:get|be) up|is up) ${clock}|(?:has|gets|have|had) User up ${clock}|User's (?:morning )?alarm(?: clock)? (?:(?:is|now|still|usually|always|goes off|rings|set|for|has|been) )*${clock}|User ${adverbs}sets? (?:their|the) alarm)|^(?:The |Their )?alarm (?:is|goes off|rings) (?:now )?(?:set|for|${clock})`,
      'i',
    ),
  ],
  [
    '#bedtime',
    new RegExp(
      `\\bUser(?:'s bedtime is| ${adverbs}(?:goes? to (?:bed|sleep)|going to (?:bed|sleep)|falls? asleep|turns? in|hits? the hay|is in bed)) ${clock}`,
      'i',
    ),
  ],
  [
    '#workplace',
    /\bUser (?:(?:now|currently|still|mostly|has|have|is|to|be|been|works?|working|goes|going|go|back|fully|only) )+(?:from home|remotely|remote(?! control)|in the office|on[- ]site|at the office|hybrid)\b/i,
  ],
  ['#stay', /^User (?:now |is |staying |stays |was |moved |to )+at the (?:\p{Lu}|hotel)/u],
  [
    '#pay',
    /\bUser (?:now |currently |only )*(?:(?:earns|gets paid|is paid) (?:about |around |roughly |only |just )*[$€£]?\d[\d.,]*k?(?! ?(?:mg|ml|mcg|km|hours?|days?|minutes?|pages?|pills?|of|percent|%|:))\b|(?:makes|is on|brings home|takes home) (?:about |around |roughly |only |just )*(?:[$€£]\d|\d[\d.,]*k\b|\d{4,6}(?! ?(?:mg|ml|mcg|km|steps|words|pages|of))\b|\d{1,3}[.,]\d{3}\b|\d[\d.,]* (?:grand|thousand|euros?|dollars|pounds|bucks|quid|an hour)\b))|\bUser's (?:salary|pay|wage) (?:(?:is|was|went|has gone|now|only|just|about|around|up|down|to|by) )*(?:[$€£]?\d|(?:up|down)\b)/i,
  ],
  [
    '#grade',
    new RegExp(
      `^${owner} (?:is |has |now |just |goes |started |starts |moved |up |into |in |to |going )+(?:the )?(?:(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\\d+(?:st|nd|rd|th)) (?:grade|year|class)|(?:grade|year|class) \\d+|kindergarten|nursery|preschool|primary school|secondary school|middle school|high school)\\b`,
      'u',
    ),
  ],
  [
    '#home of',
    new RegExp(
      `^${owner} (?:(?:now|just|recently|has|have|back|still|currently) )*(?:lives?|is living|moved|relocated|came back|went back|returned|is back|are back|is settled|resides?) (?:back )?(?:in|to|into|with) (?!the (?:garden|kitchen|office|car|hospital)\\b|work\\b)(?:(?:the|an?|User) )?\\p{L}`,
      'u',
    ),
  ],
  [
    '#employer of',
    new RegExp(
      `^${owner} (?:(?:now|just|recently|has|have|still|currently) )*(?:works?|is working|started(?: working)?|got a job|found a job|was hired) (?:at|for|by|with) \\p{L}`,
      'u',
    ),
  ],
];

const termsIn = (text: string, list: readonly Subject[]): string[] =>
  list.flatMap(([term, pattern]) => {
    const match = pattern.exec(text);
    if (!match) return [];
    const named = match.groups?.['owner'];
    return [named === undefined ? term : `${term} ${analyze(named).join(' ')}`];
  });

/** Names of the subjects of a text that count as its terms. */
export const subjectTerms = (text: string): string[] => termsIn(text, subjects);

/** Names of all subjects of a text that people name by different words. */
export const allSubjectTerms = (text: string): string[] => [
  ...subjectTerms(text),
  ...termsIn(text, loose),
  ...termsIn(text, exclusive),
];

/** Names of those that have one value at any time. */
export const exclusiveTerms = (text: string): string[] => termsIn(text, exclusive);
