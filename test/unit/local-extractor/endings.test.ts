import { describe, expect, it } from 'vitest';
import { learnt } from './learn.ts';

describe('what is over', () => {
  it.each<[string, string, string]>([
    ['We broke up.', "User's girlfriend is Anna.", 'UPDATE m0 User broke up with Anna.'],
    ['I broke up with Tom.', "User's boyfriend is Tom.", 'UPDATE m0 User broke up with Tom.'],
    [
      'My girlfriend and I broke up.',
      'User has a girlfriend.',
      'UPDATE m0 User (with their girlfriend) broke up.',
    ],
    ['We split up last week.', 'User is dating Mia.', 'UPDATE m0 '],
    ['My boyfriend left me.', "User's boyfriend is Tom.", 'UPDATE m0 '],
    ['I got divorced.', "User's wife is Ingrid.", 'UPDATE m0 User got divorced.'],
    ['My dog died.', 'User has a dog called Rex.', "UPDATE m0 User's dog Rex died."],
    ['Rex died yesterday.', 'User has a dog called Rex.', 'UPDATE m0 Rex died on 11 May 2023.'],
    [
      'We had to put our cat down.',
      'User has a cat named Misty.',
      'UPDATE m0 User had to put their cat Misty down.',
    ],
    ['My cat Misty passed away.', 'User has a cat named Misty.', 'UPDATE m0 '],
    ['My grandmother died.', "User's grandmother lives in Bergen.", 'UPDATE m0 '],
    ['I cancelled my gym membership.', 'User has a gym membership.', 'UPDATE m0 '],
    ['I canceled my Netflix subscription.', 'User has a Netflix subscription.', 'UPDATE m0 '],
    ['I unsubscribed from Spotify.', 'User is subscribed to Spotify.', 'UPDATE m0 '],
    ['We called off the wedding.', "User's wedding is on 3 June.", 'UPDATE m0 '],
    ['My trip to Japan was cancelled.', 'User has a trip to Japan in May.', 'UPDATE m0 '],
    ['I left the choir.', 'User sings in a choir.', 'UPDATE m0 User left the choir.'],
    ['I closed my bakery.', 'User owns a bakery.', 'UPDATE m0 '],
    ['I dropped out of MIT.', 'User studies physics at MIT.', 'UPDATE m0 '],
    ['I moved out of Oslo.', 'User lives in Oslo.', 'UPDATE m0 '],
    ['I stopped playing tennis.', 'User plays tennis every Sunday.', 'UPDATE m0 '],
    ['I got fired.', 'User works as a cook at Noma.', 'UPDATE m0 User got fired.'],
    ['I used to smoke but I quit.', 'User smokes.', 'UPDATE m0 User used to smoke but quit.'],
    ['I used to work at Google but I left.', 'User works at Google.', 'UPDATE m0 '],
    ['Nokia made me redundant.', 'User works at Nokia.', 'UPDATE m0 '],
    ['The cat passed away.', 'User has a cat.', 'UPDATE m0 '],
    ["Comet's gone to his forever home.", 'User fosters a greyhound called Comet.', 'UPDATE m0 '],
    ['I gave the rowing machine to my neighbour.', 'User has a rowing machine.', 'UPDATE m0 '],
    ['I had to pull out of the half marathon.', 'User is in the half marathon.', 'UPDATE m0 '],
    ['I let my Netflix account lapse.', 'User has a Netflix account.', 'UPDATE m0 '],
    ['I found a great dentist.', 'User needs a new dentist.', 'UPDATE m0 '],
    ['I have got a boyfriend.', 'User is single.', 'UPDATE m0 '],
    ['My boss is back.', "User's boss is on maternity leave.", 'UPDATE m0 '],
    ['I got my licence back.', "User's licence is suspended.", 'UPDATE m0 '],
    ['My daughter and Tom split.', "User's daughter is dating Tom.", 'UPDATE m0 '],
    ['I have a baby boy.', 'User does not have kids.', 'UPDATE m0 '],
  ])('"%s" ends "%s"', async (said, memory, change) => {
    const changes = await learnt(said, [memory]);

    expect(changes).toEqual([expect.stringContaining(change)]);
  });

  it.each<[string, string]>([
    ['I broke up with Tom.', "User's boyfriend is Ben."],
    ['We broke up.', "User's sister is called Anna."],
    ['My dog died.', 'User has two dogs.'],
    ['My dog died.', "User's brother has a dog."],
    ['My dog Rex died.', 'User has a dog called Bo.'],
    ['My laptop died.', 'User has a laptop.'],
    ['I cancelled my gym membership.', 'User loves the gym.'],
    ['I cancelled my Netflix subscription.', 'User has a Spotify subscription.'],
    ['I unsubscribed from Spotify.', 'User loves Spotify.'],
    ['I left the keys at home.', 'User keeps the keys in a bowl.'],
    ['I got fired.', "User's brother works at Noma."],
    ['I gave my address to the bank.', "User's address is 12 Elm Street."],
    ['I gave my number to Tom.', "User's number is 555-1234."],
    ['I gave the keys to my sister.', 'User has the keys to the cabin.'],
    ['I gave a talk to the students.', 'User is preparing a talk.'],
    ['I lent the bike to my sister.', 'User rides a bike to work.'],
  ])('"%s" does not end "%s"', async (said, memory) => {
    expect(await learnt(said, [memory])).toEqual([expect.stringMatching(/^ADD /)]);
  });

  it('all that is over is closed: the newest fact has the new text, and the others go', async () => {
    const changes = await learnt('We broke up.', [
      'User is dating Anna.',
      "User's girlfriend is Anna.",
    ]);

    expect(changes).toEqual(['UPDATE m1 User broke up with Anna.', 'DELETE m0']);
  });
});
