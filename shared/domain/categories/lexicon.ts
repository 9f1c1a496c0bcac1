import { analyze } from '../memory/analyzer.ts';

/** Words and phrases by which a common category is recognized in an English text in the third person. */
interface Entry {
  /** Other names of the category. */
  aliases: string;
  /** Words that belong to this category in any sense; compared by their stems. */
  words: string;
  /** Phrases, for what single words do not show. */
  phrases?: RegExp;
}

const profession =
  'teacher|nurse|doctor|physician|surgeon|dentist|therapist|psychologist|lawyer|engineer|developer|programmer|designer|architect|accountant|manager|director|consultant|scientist|researcher|professor|lecturer|journalist|writer|editor|chef|cook|baker|waiter|waitress|barista|pilot|driver|plumber|electrician|carpenter|mechanic|farmer|firefighter|paramedic|librarian|translator|photographer|musician|actor|actress|singer|artist|analyst|assistant|secretary|salesperson|pharmacist|veterinarian|freelancer|contractor|intern|apprentice|student';

/** "is a senior nurse": says something about work, not about health, food or music. */
const professionPhrase = new RegExp(
  `\\b(?:is|was|be|as|became|becoming|becomes|being) an? (?:[\\w-]+ ){0,3}?(?:${profession})\\b(?: (?:at|in) (?:an?|the) (?:[\\w-]+ )?(?:hospital|clinic|school|restaurant))?`,
  'gi',
);

const entries: { readonly [category: string]: Entry } = {
  personal_details: {
    aliases: 'personal, personal information, identity, pets, address, contact, contacts',
    words:
      'birthday nationality citizenship hometown dog puppy cat kitten hamster parrot pet apartment flatmate roommate',
    phrases:
      /\b(?:name is|is (?:named|called)|nicknamed|goes by|is \d{1,3} years old|was born|lives? (?:in|at|near|with|alone)|living in|moved (?:to|into)|relocated to|grew up|is (?:originally )?from|comes from|speaks|native language|phone number|e-?mail|address is|pronouns)\b/i,
  },
  family: {
    aliases: 'relatives, relationships, family members',
    words:
      'family mother father mom mum dad parent sister brother sibling wife husband spouse son daughter child kid grandmother grandfather grandma grandpa grandparent grandchild grandson granddaughter uncle aunt cousin niece nephew stepmother stepfather twins married divorced fiance fiancee girlfriend boyfriend baby toddler widow widower wedding',
    phrases:
      /(?:'s partner\b|\bbroke up with\b|\badopted a (?:son|daughter|child)\b|\b(?:mother|father|sister|brother|son|daughter)-in-law\b)/i,
  },
  professional_details: {
    aliases: 'work, job, jobs, career, profession, professional, occupation, employment, education',
    words:
      'job career profession employer employee employed unemployed coworker colleague salary boss intern internship freelance resigned hired promotion promoted startup university college degree phd thesis diploma',
    phrases:
      /(?<!\b(?:before|after|to|from) )\bwork(?:s|ed|ing)?\b(?! out)|\b(?:runs|owns|founded|started) (?:a|an|the|his|her|their) (?:[\w-]+ )?(?:bakery|company|business|shop|store|restaurant|agency|firm|studio|farm)\b|\b(?:studies|studied|studying|majors|majored|graduated|teaches|taught|manages|managed) (?!to\b)|\bgraduated\b/i,
  },
  sports: {
    aliases: 'sport, fitness, exercise, training, workouts',
    words:
      'sport soccer football basketball tennis volleyball baseball softball hockey cricket rugby golf badminton squash gym workout marathon triathlon jogging jogger runner swimming swimmer cyclist cycling bouldering skiing snowboarding surfing surfer skating rowing karate judo boxing wrestling gymnastics athletics yoga pilates crossfit fitness climber',
    phrases:
      /\b(?:works? out|goes running|went running|likes? running|loves? running|enjoys? running|rock climbing|goes? climbing|martial arts?|runs? (?:every|\d|five|ten|on weekends)|swims|ran \d+|runs \d+|skis|snowboards|surfs|weight ?lifting)\b/i,
  },
  travel: {
    aliases: 'trips, vacations, holidays, travels, travelling, tourism',
    words:
      'travel trip vacation flight airport hotel hostel airbnb passport visa tourist cruise backpacking itinerary luggage abroad roadtrip sightseeing airline',
    phrases:
      /\b(?:fl(?:ew|ies|ying) to|holidays? in|on holiday|road trip|window seat|aisle seat|visit(?:ed|ing|s)? (?:Japan|Italy|Spain|France|Germany|Greece|Portugal|India|China|Mexico|Brazil|London|Paris|Rome|Tokyo|New York|Europe|Asia|Africa))\b/i,
  },
  food: {
    aliases:
      'drinks, diet, diets, cooking, nutrition, cuisine, eating, restaurants, meals, groceries',
    words:
      'food eat vegetarian vegan pescatarian restaurant pizza sushi pasta ramen meat beef pork chicken seafood shrimp shellfish cheese chocolate coffee espresso tea wine beer whisky cocktail breakfast lunch dinner brunch meal recipe cuisine spicy bread sourdough baking fruit vegetable gluten lactose peanut nut almond hazelnut snack dessert cake cookie salad soup noodle steak burger taco curry milk yogurt mushroom cilantro onion garlic avocado strawberry banana tofu',
    phrases: /\b(?:ice cream|olive oil|cooks|cooking|orders? the (?:dish|soup)|diet)\b/i,
  },
  music: {
    aliases: 'musical taste, songs, instruments',
    words:
      'music musician song guitar piano violin cello drum sing singer choir concert album jazz opera orchestra playlist spotify vinyl flute saxophone trumpet ukulele karaoke techno rap hiphop clarinet harp banjo symphony beatles mozart soundcloud deezer bandcamp songwriter drummer bassist guitarist pianist',
    phrases:
      /\b(?:rock (?:band|music)|hip[- ]hop|plays? (?:in|with) an? (?:\w+ )?band|music festival)\b/i,
  },
  health: {
    aliases:
      'medical, medical information, medical history, illness, illnesses, wellness, medication, mental health',
    words:
      'health allergy allergic doctor physician hospital medication medicine pill diabetes diabetic asthma surgery therapist therapy psychiatrist dentist migraine anxiety depression cholesterol pregnant sick illness disease diagnosed diagnosis symptom injury injured pain vaccine vaccinated insulin cancer insomnia headache physiotherapy intolerant intolerance flu fever covid vitamin prescription clinic epilepsy adhd autism wheelchair celiac arthritis antibiotic ibuprofen',
    phrases:
      /\b(?:blood pressure|\d+ ?(?:mg|mcg|milligrams?|micrograms?)|takes? \w+(?:pril|statin|olol|sartan|prazole|cillin|mycin|oxetine|formin|zepam|thyroxine)|mental health|broke (?:his|her|their|an?|the) (?:arm|leg|wrist|ankle|foot|hand|rib|nose)|quit smoking|stopped smoking|(?:lost|gained) (?:weight|\d+ (?:kg|kilos?|pounds?|lbs?))|sleeps? (?:badly|poorly|\w+ hours)|hay fever|back problems)\b/i,
  },
  technology: {
    aliases: 'tech, software, devices, gadgets, computers, programming',
    words:
      'technology computer laptop smartphone iphone android software programming coding javascript typescript python rust golang java linux macbook ubuntu gadget tablet ipad database github docker kubernetes website robotics electronics smartwatch gpu browser wifi vscode neovim vim postgres chatgpt',
    phrases:
      /\b(?:phone(?! number)|machine learning|operating system|video card|mobile app|open[- ]source|dark mode)\b/i,
  },
  hobbies: {
    aliases: 'hobby, interests, pastimes, leisure, free time',
    words:
      'hobby watercolor drawing sketching photography gardening garden knitting sewing pottery chess hiking hike fishing camping birdwatching crochet woodworking origami puzzle calligraphy ballet salsa astronomy scrapbooking kayaking',
    phrases:
      /\b(?:board games?|collects|collecting|paints|painting|free time|takes? photos|dances|dancing)\b/i,
  },
  fashion: {
    aliases: 'clothes, clothing, style, outfits',
    words:
      'fashion clothes clothing shoe sneaker jacket jeans shirt tshirt outfit jewelry jewellery handbag perfume makeup skirt sweater wardrobe scarf boots blazer hoodie',
    phrases:
      /\b(?:wears?|wearing|size (?:XS|S|M|L|XL|XXL|\d{1,2})|dress(?:es)? (?:in|for|up)|a (?:\w+ )?dress)\b/i,
  },
  entertainment: {
    aliases: 'movies, films, books, games, gaming, tv, series, reading, shows',
    words:
      'entertainment movie film netflix novel anime manga podcast comedy theater theatre youtube cinema playstation xbox nintendo comics documentary sitcom videogame',
    phrases:
      /\b(?:(?:a|the|this|reading|wrote|writes) (?:new |old |great |good )?books?|books (?:by|about|on)|video games?|tv (?:shows?|series)|watch(?:es|ed|ing) (?:the )?(?:series|show)|science fiction|sci-fi|stand-up|star wars|star trek)\b/i,
  },
  milestones: {
    aliases: 'achievements, life events, accomplishments, milestone',
    words:
      'graduated graduation engaged engagement retired retirement anniversary award promoted promotion',
    phrases:
      /\b(?:got (?:married|divorced|engaged)|(?:son|daughter|baby|child|twins) (?:was|were) born|gave birth|adopted a (?:son|daughter|child)|bought (?:a|his|her|their) (?:first )?(?:house|home|apartment|flat)|won (?:a|an|the|first)|first marathon|passed (?:the|his|her|their) (?:exam|bar|driving)|defended (?:his|her|their))\b/i,
  },
  user_preferences: {
    aliases: 'preferences, preference, likes, dislikes, tastes, opinions',
    words: 'favorite favourite dislike hate',
    phrases:
      /\b(?:prefers?|preferred|likes?|loves?|enjoys?|adores?|can(?:no|')t stand|does not like|would rather|is (?:a|not a) (?:big |huge )?fan of|fond of|wants? (?:answers|replies|responses)|wants? to be called)\b/i,
  },
};

/** How a text shows that it belongs to a category. */
export interface Evidence {
  stems: ReadonlySet<string>;
  phrases?: RegExp;
}

/** Words of a name that say nothing about its subject. */
const generic =
  /\b(?:user|users|information|info|details?|data|preferences?|related|topics?|things|stuff|other|general|issues|matters|my|the|their|any|all|about|of|and|or)\b/g;

/** A name without case and punctuation, as names of categories are compared. */
export const categoryKey = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const build = () => {
  const byName = new Map<string, string>();
  const evidence = new Map<string, Evidence>();
  for (const [name, { aliases, words, phrases }] of Object.entries(entries)) {
    for (const alias of [categoryKey(name), ...aliases.split(', ')]) byName.set(alias, name);
    evidence.set(name, { stems: new Set(analyze(words)), ...(phrases && { phrases }) });
  }
  return { byName, evidence };
};

let built: ReturnType<typeof build> | undefined;

/** Evidence of the common category that a name stands for, such as `Food preferences` or `diet`; undefined for any other name. */
export const commonEvidence = (name: string): Evidence | undefined => {
  built ??= build();
  const key = categoryKey(name.slice(0, 200));
  const subject = key.replace(generic, ' ').replace(/\s+/g, ' ').trim();
  const common = built.byName.get(key) ?? built.byName.get(subject);
  return common === undefined ? undefined : built.evidence.get(common);
};

/** Stems of words that descriptions of any category have. */
const commonStems: ReadonlySet<string> = new Set(
  analyze(
    `user person people custom customer category memory fact relating including etc kind type specific thing
    something anything everything want need use used using make made go going new old current past future history
    note time day week year month life live living done fun know say said ask asked talk mention mentioned regard
    concern name number list item like love favorite prefer enjoy way part whole good bad best big small first last
    request wish plan planned place general personal`,
  ),
);

/** Stems of words that describe a category, without those that say nothing about a subject. */
export const describingStems = (text: string): Set<string> =>
  new Set(
    analyze(categoryKey(text.slice(0, 2_000)).replace(generic, ' ')).filter(
      (stem) => stem.length > 2 && !commonStems.has(stem),
    ),
  );

/** The text without what it says about a profession, and that part. */
export const splitProfession = (text: string): { rest: string; isProfession: boolean } => {
  const rest = text.replace(professionPhrase, ' ');
  return { rest, isProfession: rest !== text };
};
