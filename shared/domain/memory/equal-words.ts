import { analyze } from './analyzer.ts';

/**
 * English verbs and nouns whose forms have stems of their own, the base form first. Words that are mostly something else in one form
 * (lay, rose, leaves) are left out.
 */
const irregular = `become became,begin began begun,bend bent,bite bitten,bleed bled,blow blew blown,break broke broken,
bring brought,build built,burn burnt,buy bought,catch caught,choose chose chosen,come came,creep crept,deal dealt,dig dug,
draw drawn,dream dreamt,drink drank drunk,drive drove driven,eat ate eaten,fall fell fallen,feed fed,feel felt,fight fought,
find found,fly flew flown,forget forgot forgotten,forgive forgave forgiven,freeze froze frozen,give gave given,go went gone,
grow grew grown,hang hung,hear heard,hide hid hidden,hold held,keep kept,kneel knelt,know knew known,lead led,learn learnt,
leave left,lend lent,light lit,lose lost,make made,mean meant,meet met,overcome overcame,pay paid,ride rode ridden,ring rang,
run ran,say said,see saw seen,seek sought,sell sold,send sent,sew sewn,shake shook shaken,shine shone,shoot shot,show shown,
shrink shrank shrunk,sing sang sung,sink sank sunk,sit sat,sleep slept,speak spoke spoken,spend spent,spill spilt,spin spun,
stand stood,steal stole stolen,stick stuck,strike struck,swear swore sworn,sweep swept,swim swam swum,swing swung,
take took taken,teach taught,tear tore torn,tell told,think thought,throw threw thrown,understand understood,
undergo underwent undergone,wake woke woken,wear wore worn,weave wove woven,win won,withdraw withdrew withdrawn,
write wrote written,child children,man men,woman women,foot feet,tooth teeth,mouse mice,wife wives,knife knives,shelf shelves,
wolf wolves,half halves`;

/** Everyday English words that people use for one another. Words with another common meaning are left out, as far as that is seldom meant. */
const synonyms = `mother mom mum mommy,father dad daddy,grandmother grandma granny,grandfather grandpa granddad,child kid,dog puppy,
cat kitten,job career occupation profession,doctor physician,movie film,photo picture photograph pic image,song music,
painting artwork,competition contest tournament,award prize trophy,class lesson,advice tip suggestion,
trip travel journey vacation holiday,house home,car vehicle,bike bicycle,ocean sea,city town,store shop,
hobby pastime,exercise workout,meal dish recipe,buy purchase,begin start,repair fix,injury injure hurt,sick ill,happy glad,
scared afraid,big large,wed wedding marry marriage,phone cellphone smartphone,
apartment flat,salary wage,tv television,favorite favourite,color colour`;

/** Stems that count as each stem. Made by the first search. */
let known: ReadonlyMap<string, readonly string[]> | undefined;

const stemsByStem = (): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, Set<string>>();
  for (const words of `${irregular},${synonyms}`.split(',')) {
    const stems = new Set(analyze(words));
    for (const stem of [...stems]) for (const other of groups.get(stem) ?? []) stems.add(other);
    for (const stem of stems) groups.set(stem, stems);
  }
  return new Map([...groups].map(([stem, stems]) => [stem, [...stems]]));
};

/**
 * Returns the stems that count as a stem: those of the other forms of an irregular word, and of words that are used for it. Of "went"
 * these are go, went and gone; of nearly all words it is the stem alone.
 */
export const equalStems = (stem: string): readonly string[] => {
  known ??= stemsByStem();
  return known.get(stem) ?? [stem];
};
