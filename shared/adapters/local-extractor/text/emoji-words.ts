/** Words of the emoji with which people name what they have, eat, play or like. */
const words = new Map(
  (
    '👶 baby 🐶 dog 🐕 dog 🐩 poodle 🐱 cat 🐈 cat 🐭 mouse 🐹 hamster 🐰 rabbit 🐇 rabbit 🦊 fox 🐻 bear 🐼 panda 🐴 horse 🐎 horse 🐷 pig 🐮 cow 🐔 chicken 🐦 bird ' +
    '🦜 parrot 🐢 turtle 🐍 snake 🦎 lizard 🐠 fish 🐟 fish 🐝 bees 🥜 peanuts 🌰 nuts 🦐 shrimp 🦞 lobster 🦀 crab 🐙 octopus 🥛 milk 🧀 cheese 🥚 eggs ' +
    '🍞 bread 🌾 wheat 🍓 strawberries 🍎 apples 🍌 bananas 🍊 oranges 🍋 lemons 🍇 grapes 🍑 peaches 🥝 kiwis 🍅 tomatoes 🥑 avocado 🥕 carrots 🌽 corn ' +
    '🌶️ chili 🍄 mushrooms 🧄 garlic 🧅 onions 🥦 broccoli 🍕 pizza 🍣 sushi 🍔 burgers 🌮 tacos 🍜 ramen 🍝 pasta 🍫 chocolate 🍰 cake 🍦 ice-cream ' +
    '☕ coffee ☕️ coffee 🍵 tea 🍺 beer 🍷 wine 🚲 bike 🚗 car 🏍️ motorcycle ⛵ sailboat ✈️ plane 🎸 guitar 🎹 piano 🎻 violin 🥁 drums 🎺 trumpet ' +
    '⚽ soccer ⚽️ soccer 🏀 basketball 🎾 tennis 🏈 football ⚾ baseball 🏐 volleyball 🏓 ping-pong 🏊 swimming 🏃 running 🧘 yoga ⛷️ skiing 🏂 snowboarding ' +
    '🏄 surfing 🎣 fishing ♟️ chess 📚 books 🎮 video-games 🎨 painting 📷 photography 🏠 house 🌻 sunflowers 🌹 roses 🌱 plants'
  )
    .split(' ')
    .reduce<[string, string][]>((pairs, word, at, all) => {
      if (at % 2 === 0)
        pairs.push([word.replace('\ufe0f', ''), (all[at + 1] ?? '').replaceAll('-', ' ')]);
      return pairs;
    }, []),
);

const heart = /(?<=\b(?:I|i|we|We) )(?:[❤♥]\ufe0f?|😍|💕|💖)(?= ?\S)/gu;
/** An emoji where the sentence needs a noun: behind an article, a preposition or a verb that takes one. */
const noun =
  /(?<=\b(?:to|a|an|the|in|my|our|of|love|like|hate|eat|drink|play|have|likes|loves|hates|eats|drinks|plays|has|avoids?|prefers?|enjoys?|two|three|no|with|from|and|for|own|into) )(?:\p{RI}{2}|\p{Extended_Pictographic}\ufe0f?)/giu;

const regions = new Intl.DisplayNames('en', { type: 'region' });
const firstIndicator = 0x1f1e6;

/** "🇯🇵" -> "Japan"; undefined for other emoji. */
const countryOf = (flag: string): string | undefined => {
  if (!/^\p{RI}{2}$/u.test(flag)) return undefined;
  const code = [...flag].map((sign) =>
    String.fromCharCode(65 + (sign.codePointAt(0) ?? firstIndicator) - firstIndicator),
  );
  const name = regions.of(code.join(''));
  return name === code.join('') ? undefined : name;
};

/** An emoji in place of the subject, with its verb behind. */
const subjectSign =
  /(?<=^|[\n,;.!?] ?)(?:\p{RI}{2}|\p{Extended_Pictographic}\ufe0f?)(?= (?:is|are|was|has|due|named|called|allergic)\b)/gu;
/** Home and work in profiles: "🏡 in Utrecht, 💼 at Philips". */
const home = /(?<=^|[\n,;|.] ?)(?:🏠|🏡|📍)\ufe0f? ?(?:in )?(?=\p{Lu})/gu;
const work = /(?<=^|[\n,;|.] ?)💼\ufe0f? ?(?=(?:at|for|as) )/gu;

/** Signs of yes and no behind a thing: "gluten ❌", "dairy: ✅". */
const denied = /(?<=[\p{L}\d]):? ?(?:❌|🚫|✖)\ufe0f?/gu;
const allowed = /(?<=[\p{L}\d]):? ?(?:✅|✔|☑)\ufe0f?/gu;

/** Writes out the emoji that stand for words: "I ❤️ hiking", "allergic to 🥜", "live in 🇯🇵". Other emoji stay. */
export const withEmojiWords = (text: string): string =>
  text
    .replace(heart, 'love')
    .replace(denied, ': no')
    .replace(allowed, ': yes')
    .replace(home, 'I live in ')
    .replace(work, 'I work ')
    .replace(subjectSign, (emoji) => words.get(emoji.replace('\ufe0f', '')) ?? emoji)
    .replace(noun, (emoji) => words.get(emoji.replace('\ufe0f', '')) ?? countryOf(emoji) ?? emoji);
