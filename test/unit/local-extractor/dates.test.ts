import { describe, expect, it } from 'vitest';
import { learnt } from './learn.ts';

describe('relative dates', () => {
  it.each([
    ['I met Anna yesterday', 'User met Anna on 11 May 2023.'],
    ['Yesterday, I met Anna', 'User met Anna on 11 May 2023.'],
    ['I met Anna on Friday', 'User met Anna on 5 May 2023.'],
    ["I'm flying to Rome on Friday", 'User is flying to Rome on 19 May 2023.'],
    [
      'I have a dentist appointment tomorrow at 3pm',
      'User has a dentist appointment on 13 May 2023 at 3pm.',
    ],
    ["I'm flying to Faro the Saturday after next", 'User is flying to Faro on 20 May 2023.'],
    ["I'm moving the month after next", 'User is moving in July 2023.'],
    ["I'm in Norway the week after next", 'User is in Norway between 22 May 2023 and 28 May 2023.'],
    ['I start therapy a week from today', 'User starts therapy on 19 May 2023.'],
    ['I quit smoking three weeks ago today', 'User quit smoking on 21 April 2023.'],
    ['I have to hand in the essay by the 20th', 'User has to hand in the essay by 20 May 2023.'],
    [
      "I'll be in Lyon Monday through Thursday",
      'User will be in Lyon from 15 May 2023 to 18 May 2023.',
    ],
    ['I work Monday to Friday', 'User works Monday to Friday.'],
    ['I always go to Spain in August', 'User always goes to Spain in August.'],
    ['I have got until Wednesday to submit', 'User has got until 17 May 2023 to submit.'],
    ['I have tickets for Saturday the 3rd of June', 'User has tickets for 3 June 2023.'],
    ['my trip was postponed to August', "User's trip was postponed to August 2023."],
    [
      'I have a class at 7 tomorrow morning',
      'User has a class on 13 May 2023 at 7 in the morning.',
    ],
    ['I wake up at 6am every day', 'User wakes up at 6am every day.'],
    ['I have a meeting every Monday at 9am', 'User has a meeting every Monday at 9am.'],
    ['I have chess club each Friday', 'User has chess club each Friday.'],
    ['I do pottery on Saturday mornings', 'User does pottery on Saturday mornings.'],
    ['We eat pizza on Friday nights', 'User eats pizza on Friday nights.'],
    ['I usually skip lunch on Wednesday', 'User usually skips lunch on Wednesday.'],
    ['I have a class on Tuesday and Thursday', 'User has a class on Tuesday and Thursday.'],
    [
      'I practise piano on Tuesday and Thursday evenings',
      'User practises piano on Tuesday and Thursday evenings.',
    ],
    ['I usually met Anna on Friday', 'User usually met Anna on 5 May 2023.'],
    ['I need to ask for tomorrow off', 'User needs to ask for 13 May 2023 off.'],
    ['I adopted Rex two weeks ago', 'User adopted Rex around 28 April 2023.'],
    ['I started painting three years ago', 'User started painting in 2020.'],
    ['I visited Oslo last month', 'User visited Oslo in April 2023.'],
    ['I ran a marathon last week', 'User ran a marathon in the week before 12 May 2023.'],
    ['I will graduate next year', 'User will graduate in 2024.'],
    ['We went to Paris last summer.', 'User went to Paris in summer 2022.'],
    ["I'm planning to visit Japan in March", 'User is planning to visit Japan in March 2024.'],
    ['I visited Japan in March', 'User visited Japan in March 2023.'],
    ['I have to renew my passport by March 3', 'User has to renew their passport by 3 March 2024.'],
    ['My birthday is on March 5', "User's birthday is on March 5."],
    ['I was born on March 5', 'User was born on March 5.'],
    ['I married Anna on 5 May 2020', 'User married Anna on 5 May 2020.'],
    ['I sat next to Bob on the train', 'User sat next to Bob on the train.'],
    ['I have worked at Acme for 3 years', 'User has worked at Acme for 3 years.'],
    ['I have lived in Rome since last March', 'User has lived in Rome since March 2023.'],
    ['My sister April plays golf', "User's sister April plays golf."],
    ['My exam is at the end of the month', "User's exam is at the end of May 2023."],
    ['My exam is at the end of next month', "User's exam is at the end of June 2023."],
    ['I get paid at the end of the month', 'User gets paid at the end of the month.'],
    ['My exam is on the last day of June', "User's exam is on 30 June 2023."],
    ['My trip is from 3 to 7 July', "User's trip is from 3 to 7 July 2023."],
    ['My trip is between the 3rd and the 7th of July', "User's trip is between 3 and 7 July 2023."],
    ["My exam is in three weeks' time", "User's exam is around 2 June 2023."],
    ['My exam is tomorrow week', "User's exam is on 20 May 2023."],
    ['My exam is a month from now', "User's exam is around 12 June 2023."],
    ['My exam is in two and a half weeks', "User's exam is around 30 May 2023."],
    ['My exam is on Monday the 15th', "User's exam is on 15 May 2023."],
    [
      'My book club meets on the last Thursday of the month',
      "User's book club meets on the last Thursday of the month.",
    ],
    [
      'The plumber for our bath is coming on Monday',
      "The plumber for User's bath is coming on 15 May 2023.",
    ],
    ['I fly to Lima on Christmas Day', 'User flies to Lima on 25 December 2023.'],
    ['gym: Tue and Thu', 'Gym: Tue and Thu.'],
  ])('a relative date becomes absolute in the fact of %j', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it.each([
    ['2024-01-01T00:30:00Z', 'I met Anna yesterday', 'on 31 December 2023'],
    ['2023-12-31T23:30:00Z', 'I will meet Anna tomorrow', 'on 1 January 2024'],
    ['2024-03-01T12:00:00Z', 'I met Anna yesterday', 'on 29 February 2024'],
    ['2023-03-01T12:00:00Z', 'I met Anna yesterday', 'on 28 February 2023'],
    ['2023-12-31T12:00:00Z', 'I met Anna last month', 'in November 2023'],
    ['2024-01-31T12:00:00Z', 'I will meet Anna next month', 'in February 2024'],
    ['2024-01-02T12:00:00Z', 'I met Anna on Sunday', 'on 31 December 2023'],
    ['2024-01-02T12:00:00Z', 'I met Anna last year', 'in 2023'],
  ])('the day of a message (%s) decides the date of %s', async (at, said, date) => {
    const [change] = await learnt(said, [], Date.parse(at));

    expect(change).toMatch(new RegExp(`Anna ${date}\\.$`));
  });
});
