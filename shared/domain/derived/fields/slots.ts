/**
 * Attribute that fields ask for under many names, with the sentences that say it: a slot in the sense of slot filling. A pattern is compared
 * with the predicate of a statement about the person, such as "lives in Oslo"; its first group is the value.
 */
export interface FieldSlot {
  /** Words of names of fields that ask for this: a field all of whose words are among these. */
  names: string;
  patterns: readonly RegExp[];
  /** Whether a value may be a list: "peanuts and shellfish". */
  isList?: boolean;
  /** Whether a judgement is no value: "My job is boring" does not say what the job is. */
  isNamed?: boolean;
  /** Whether a sentence that denies something can have the value: "does not like olives". */
  isNegative?: boolean;
}

const adverbs =
  '(?:(?:now|currently|still|also|just|recently|really|mostly|usually|always|absolutely|has|have|been|particularly|especially) )*';
const be = `${adverbs}(?:is|am|are|was|were|became|turned)(?: (?:now|currently|still|also|really|very|a|an|the))*`;
/** Verbs that open another clause about the person behind "and". */
export const clauseVerb =
  '(?:has|have|had|is|am|was|works?|lives?|likes?|loves?|enjoys?|prefers?|hates?|earns?|makes?|owns?|drives?|speaks?|plays?|stud(?:y|ies)|weighs?|moved)';
const comma = '(?:,(?!\\d)|[;(])';
/** End of a value: an adjunct, another clause, or the end of the sentence. */
const end = `(?=${comma}| (?:and (?:${clauseVerb}|I|we)|with|since|because|for|but|near|where|who|which|while|these days|right now|now|currently|every|after|before|until|from|on|in (?:summer|winter|\\d+|the))\\b|$)`;
const value = `(.+?)${end}`;
/** Name of a place or an organization, which also ends where its place or a role follows: "Google in Zurich", "Siemens as an analyst". */
const place = `(.{1,100}?)(?=${end.slice(3, -1)}| as | in (?-i:[A-Z]))`;
const of = (pattern: string): RegExp => new RegExp(`^(?=.*$)${pattern}`, 'i');

const animals =
  '(?:dog|cat|puppy|kitten|hamster|parrot|rabbit|horse|pony|turtle|tortoise|goldfish|fish|bird|budgie|guinea pig|snake|lizard|gecko|ferret|chickens?|rat|mouse)s?';
const diets =
  'vegan|vegetarian|pescatarian|flexitarian|keto|paleo|kosher|halal|gluten[- ]free|lactose[- ]free|dairy[- ]free|omnivore|low[- ]carb|mediterranean|carnivore|raw food';
const conditions =
  "asthma|diabetes|type [12] diabetes|arthritis|migraines?|hypertension|high blood pressure|epilepsy|depression|anxiety|adhd|celiac disease|crohn['’]s disease|ibs|eczema|psoriasis|insomnia|hypothyroidism|endometriosis|sleep apnea";
const religions =
  'christian|catholic|protestant|orthodox|muslim|jewish|hindu|buddhist|sikh|atheist|agnostic|mormon|quaker|lutheran|anglican|methodist|baptist';
const instruments =
  'guitar|bass|piano|violin|viola|cello|drums?|flute|clarinet|saxophone|trumpet|trombone|harp|ukulele|banjo|accordion|keyboard|organ|oboe|mandolin';
const professions =
  '(?:[\\w-]+ ){0,3}?(?:teacher|nurse|doctor|physician|surgeon|dentist|therapist|psychologist|lawyer|engineer|developer|programmer|designer|architect|accountant|manager|director|consultant|scientist|researcher|professor|lecturer|journalist|writer|editor|chef|cook|baker|waiter|waitress|barista|bartender|pilot|driver|plumber|electrician|carpenter|mechanic|farmer|firefighter|paramedic|librarian|translator|photographer|musician|actor|actress|singer|artist|analyst|assistant|secretary|salesperson|pharmacist|veterinarian|freelancer|contractor|intern|apprentice|student|founder|ceo|cto|midwife|biologist|chemist|physicist|economist|attorney|judge|hairdresser|cashier|clerk|recruiter|tutor|coach)';

/** All slots. The first whose names fit a field is the field's. */
export const fieldSlots: readonly FieldSlot[] = [
  {
    names: 'name full first last family real legal given display',
    patterns: [of(`${be} (?:called|named) (\\p{Lu}.+?)${end}`), of(`goes by ${value}`)].map(
      ({ source }) => new RegExp(source, 'iu'),
    ),
  },
  {
    names: 'age old years',
    patterns: [of(`${be} (\\d{1,3})(?: years? old|[- ]year[- ]old|$)`)],
  },
  {
    names: 'birthday birthdate birth date day born dob',
    patterns: [
      of(`(?:was |were |is |am )?born on ${value}`),
      of('(?:was |were )?born in ((?:\\w+ )?\\d{4})'),
    ],
  },
  {
    names: 'job occupation profession career work role position title designation',
    isNamed: true,
    patterns: [
      of(
        `${adverbs}works?(?: (?:at|for|in|with) .+?)??(?: \\w+)?? as (?:an? |the )?(.+?)(?= (?:at|in|of|for|with|on|and ${clauseVerb}) |${comma}|$)`,
      ),
      of(`${be} (?:employed as (?:an? )?)?(${professions})\\b`),
    ],
  },
  {
    names:
      'employer company workplace organization organisation firm employed work works where place',
    isNamed: true,
    patterns: [
      of(
        `${adverbs}works?(?: [\\w-]{1,30}){0,6}? (?:at|for) (?!home\\b|night\\b|myself|himself|herself|\\d)${place}`,
      ),
      of(`${be} ${professions} at ${place}`),
      of(`${be} employed (?:at|by) ${place}`),
    ],
  },
  {
    names: 'city town location residence home place live lives living based where resides current',
    patterns: [
      of(
        `${adverbs}(?:lives?|resides?|(?:is|am|are) (?:living|based|located))(?: \\w+)?? in (?!an? |the (?:house|apartment|city|suburbs|country))${place}`,
      ),
      of(`${adverbs}(?:moved|relocated)(?: back)?(?: from .+?)? to (?!an? )${value}`),
    ],
  },
  {
    names: 'country nation live lives home residence current',
    patterns: [
      of(
        `${adverbs}(?:lives?|resides?|(?:is|am|are) (?:living|based)) in [\\w .'-]+, ([A-Z][\\w ]+?)${end}`,
      ),
    ],
  },
  {
    names: 'hometown origin birthplace birth place from grew up raised',
    patterns: [
      of(`(?:grew|was raised|were raised|was born|were born)(?: up)? in (?!\\d)${value}`),
      of(`(?:(?:is|am|are) )?(?:originally )?(?:comes? )?from ${value}`),
    ],
  },
  {
    names: 'nationality citizenship',
    patterns: [
      /^(?:is|am) (?:an? )?(\p{Lu}\p{L}+)(?: citizen)?$/u,
      of(`(?:has|have) (?:an? )?(\\w+) (?:citizenship|passport)`),
    ],
  },
  {
    names: 'marital status relationship civil married',
    patterns: [
      of(
        `${adverbs}(?:is|am|are|got|been)(?: \\w+ly)? (married|single|divorced|engaged|widowed|separated)\\b`,
      ),
    ],
  },
  {
    names: 'spouse wife husband partner',
    patterns: [of(`(?:is|am|got) married to ${value}`)],
  },
  {
    names:
      'diet diets dietary eating food nutrition preference preferences restriction restrictions type',
    patterns: [
      of(
        `${adverbs}(?:(?:is|am|are|became|went|turned|eats?|follows?|keeps?))(?: now| currently| mostly| strictly)?(?: an?| the)?(?: strict)? (${diets})\\b`,
      ),
    ],
  },
  {
    names: 'allergy allergies allergic allergen allergens food intolerance intolerances',
    patterns: [
      of(`${be} (?:(?:severely|highly|deathly|mildly) )?(?:allergic|intolerant) to ${value}`),
      of(`(?:has|have) an? (\\w+) allergy`),
    ],
    isList: true,
  },
  {
    names: 'language languages spoken speaks speak',
    patterns: [
      of(
        `${adverbs}speaks? (?:(?:fluent|native|some|a little|basic|good|also|both) )*((?:[A-Z]\\w+)(?:(?:, and |, | and )[A-Z]\\w+)*)`,
      ),
    ],
    isList: true,
  },
  {
    names:
      'hobby hobbies interest interests pastime pastimes activity activities leisure free time enjoys does fun for',
    patterns: [
      of(`${adverbs}(?:likes?|loves?|enjoys?) (?:to go |going )?(\\w+ing(?: .+?)?)${end}`),
      of(`${be} (?:into|passionate about|interested in|fond of|keen on) ${value}`),
      of(`${adverbs}plays? (?:the )?${value}`),
      of(`${adverbs}(?:collects?|goes) (\\w+(?:ing)?)\\b`),
    ],
    isList: true,
  },
  {
    names: 'like likes loves enjoys favorite favorites things preferences preference what',
    patterns: [
      of(`${adverbs}(?:likes?|loves?|enjoys?|adores?|prefers?) ${value}`),
      of(`${be} (?:big |huge )?fan of ${value}`),
    ],
  },
  {
    names: 'dislike dislikes hate hates aversion aversions things',
    patterns: [
      of(
        `${adverbs}(?:hates?|dislikes?|detests?|can(?:no|['’])t stand|can not stand|do(?:es)?(?: not|n['’]t) (?:like|enjoy)) ${value}`,
      ),
    ],
    isNegative: true,
  },
  {
    names: 'pet pets animal animals',
    isNamed: true,
    patterns: [
      of(
        `${adverbs}(?:has|have|owns?|got|adopted) ((?:an? |two |three |four |\\d+ )?(?:[\\w-]+ ){0,2}?${animals}\\b(?: (?:called|named) .+?(?= and (?:an?|two|three|\\d+|I|${clauseVerb}) |[,;]|$))?)`,
      ),
    ],
  },
  {
    names: 'car vehicle automobile drives drive',
    isNamed: true,
    patterns: [of(`${adverbs}drives? (?!to\\b|for\\b|home\\b|every)(?:an? |the )?${value}`)],
  },
  {
    names: 'university college school alma mater attended attends where studied studies',
    isNamed: true,
    patterns: [
      of(`${adverbs}(?:stud(?:y|ies|ied)|(?:is|am) studying)(?: [\\w ]{1,60}?)? at ${place}`),
      of(
        `${adverbs}(?:attend(?:s|ed)?|goes to|went to) ((?:\\w+ )*?(?:University|College|School|Institute|Academy|MIT|Harvard|Stanford|Oxford|Cambridge)\\b.*?)${end}`,
      ),
      of(`${adverbs}graduated(?: [\\w ]+?)? (?:from|at) ${value}`),
    ],
  },
  {
    names: 'major degree field study subject studies studying of',
    patterns: [
      of(
        `${adverbs}(?:stud(?:y|ies|ied)|(?:is|am) studying) (?!at\\b|for\\b|in\\b)(.+?)(?= at |${comma}| in |$)`,
      ),
      of(`${adverbs}(?:(?:is|am) )?major(?:s|ed|ing)? in (.+?)(?= at |${comma}|$)`),
    ],
  },
  {
    names: 'medication medications medicine medicines drug drugs prescription prescriptions takes',
    patterns: [
      of(
        `${adverbs}takes? ((?:\\d+ ?(?:mg|mcg|g|ml|units?) (?:of )?)[\\w-]+|[\\w-]+(?= (?:daily|pills?|tablets?|twice|once|\\d+ ?mg|for (?:blood|high|pain|anxiety|depression|my|the|his|her|their|asthma|diabetes))))`,
      ),
    ],
  },
  {
    names:
      'condition conditions medical health illness illnesses disease diseases diagnosis diagnoses chronic',
    patterns: [
      of(
        `${adverbs}(?:(?:has|have|suffers? from|lives? with|(?:was |were |is |am )?diagnosed with)) (?:an? |the )?(?:\\w+ )?(${conditions})\\b`,
      ),
      of(`${adverbs}(?:suffers? from|(?:was |were )?diagnosed with) ${value}`),
    ],
    isList: true,
  },
  {
    names: 'salary income wage wages pay compensation earnings annual yearly monthly',
    patterns: [of(`${adverbs}(?:earns?|makes?) ((?:about |around )?[$€£]?\\d[^;]*?)${end}`)],
  },
  { names: 'height tall', patterns: [of(`${be} (\\d[\\w.,'’" ]*?) tall`)] },
  { names: 'weight weighs', patterns: [of(`${adverbs}weighs? (?:about |around )?${value}`)] },
  {
    names: 'religion faith religious belief beliefs',
    patterns: [of(`${be} (?:practicing |devout )?(${religions})\\b`)],
  },
  { names: 'gender sex', patterns: [of(`${be} (man|woman|male|female|non-binary|nonbinary)\\b`)] },
  {
    names: 'instrument instruments musical plays',
    patterns: [
      of(
        `${adverbs}plays? (?:the )?((?:\\w+ )?(?:${instruments})(?: and (?:the )?(?:${instruments}))?)\\b`,
      ),
    ],
    isList: true,
  },
  {
    names: 'goal goals aim aims objective objectives plan plans ambition ambitions wants',
    patterns: [
      of(
        `${adverbs}(?:wants?|plans?|hopes?|aims?|intends?|(?:is|am) (?:planning|hoping|training|saving))(?: on)? (?:to|for) (.+)$`,
      ),
    ],
  },
];
