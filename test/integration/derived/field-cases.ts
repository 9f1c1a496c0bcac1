/** A field of a schema, the memory beside the everyday ones, and the value that the field must get. */
export interface FieldCase {
  name: string;
  schema: object;
  memory: string;
  value: unknown;
}

const text = { type: 'string' };
const whole = { type: 'integer' };
const number = { type: 'number' };
const yesOrNo = { type: 'boolean' };
const texts = { type: 'array', items: text };
const date = { type: 'string', format: 'date' };

const given = (name: string, schema: object, memory: string, value: unknown): FieldCase => ({
  name,
  schema,
  memory,
  value,
});

/** Memories that every user has. None of them fills a field of a nonsense case. */
export const everydayMemories = [
  'User went to the market on Saturday.',
  "User's neighbour repairs clocks.",
  'User found the meeting too long.',
  'User watched the rain for an hour.',
  'The train to the office was late on 4 March 2024.',
  "User's sister is called Berit.",
];

/** Fields that a memory fills. The rules were written with `known` in view; `unseen` only measures them. */
export const filledFields = {
  known: [
    given('salary', text, 'My salary is 80,000 euros a year.', '80,000 euros a year'),
    given('salary', number, "User's salary is 80,000 a year.", 80_000),
    given('job', text, 'I work as a nurse at the city hospital.', 'nurse'),
    given('company_name', text, 'User works for Acme Robotics.', 'Acme Robotics'),
    given('full_name', text, "User's name is Ana Lopez.", 'Ana Lopez'),
    given('first_name', text, 'My name is Ana Lopez.', 'Ana'),
    given('dog_name', text, 'User has a brown dog called Rex.', 'Rex'),
    given('city', text, 'User lives in Oslo.', 'Oslo'),
    given('age', whole, 'I am 34 years old.', 34),
    given('favoriteColor', text, "User's favourite colour is teal.", 'teal'),
    given('is_vegetarian', yesOrNo, 'User is vegetarian.', true),
    given('has_car', yesOrNo, 'User does not have a car.', false),
    given('allergies', texts, 'User is allergic to peanuts and shellfish.', [
      'peanuts',
      'shellfish',
    ]),
    given('number_of_children', whole, 'User has two children.', 2),
    given('birthday', date, "User's birthday is on 3 May 1990.", '1990-05-03'),
    given('email', text, "User's email address is ana@example.com.", 'ana@example.com'),
    given('spouse', text, "User's wife is Ingrid.", 'Ingrid'),
    given('diet', { enum: ['vegan', 'vegetarian', 'omnivore'] }, 'User is vegan.', 'vegan'),
    given(
      'f1',
      { type: 'string', description: 'The city where the user lives' },
      'I live in Bergen.',
      'Bergen',
    ),
    given('hobbies', texts, 'User enjoys hiking.', ['User enjoys hiking.']),
  ],
  unseen: [
    given('phone_number', text, 'My phone number is 555-2212.', '555-2212'),
    given('occupation', text, 'User is a marine biologist.', 'marine biologist'),
    given('employer', text, 'User works as an analyst at Northwind.', 'Northwind'),
    given('shoeSize', number, 'My shoe size is 43.', 43),
    given('languages', texts, 'User speaks Spanish and Norwegian.', ['Spanish', 'Norwegian']),
    given('likes_coffee', yesOrNo, 'User loves coffee.', true),
    given('manager_name', text, "User's manager is called Priya Nair.", 'Priya Nair'),
    given('hometown', text, 'I grew up in Porto.', 'Porto'),
    given('cats', whole, 'User has three cats.', 3),
    given('wedding_date', date, 'The wedding date is June 14, 2025.', '2025-06-14'),
  ],
};

/** Fields that no memory fills. The memory of each has a word, a name or a number that is of something else. */
export const emptyFields = {
  known: [
    given('company_name', text, "User's phone number is 555-2212.", null),
    given('full_name', text, "User's wife is called Anna Berg.", null),
    given('cat_name', text, 'User has a dog called Rex.', null),
    given('manager_email', text, "User's manager is Priya.", null),
    given('salary', number, 'User ran 12 kilometres.', null),
    given('salary', text, "User's sister earns a good salary.", null),
    given('age', whole, 'User has 3 bicycles.', null),
    given('job', text, 'User is a good swimmer.', null),
    given('city', text, 'User read a book about Venice.', null),
    given('is_vegetarian', yesOrNo, "User's brother is vegetarian.", null),
    given('is_vegetarian', yesOrNo, 'User is learning about vegetarian cooking.', null),
    given('birthday', date, 'The dentist appointment is on 3 May 2025.', null),
    given('plan', { enum: ['free', 'pro'] }, 'User felt free on the mountain.', null),
    given('allergies', texts, 'User bought peanuts.', null),
    given('favorite_movie', text, "User's favorite color is teal.", null),
    given('street_name', text, 'User lives in Oslo.', null),
    given('blood_type', text, 'User types very fast.', null),
    given('passport_number', text, 'My shoe size is 43.', null),
    given('email', text, "User's boss's email is boss@example.com.", null),
    given('has_dog', yesOrNo, 'User wants a dog.', null),
  ],
  unseen: [
    given('last_name', text, "User's cousin is named Ove Dahl.", null),
    given('bank_name', text, 'User sat on the bank of the river.', null),
    given('weight', number, 'The suitcase weighs 20 kg.', null),
    given('employer', text, 'User works at night.', null),
    given('religion', text, 'User visited a church in Rome.', null),
    given('number_of_siblings', whole, 'User has 4 houseplants.', null),
    given('is_married', yesOrNo, "User's sister is married.", null),
    given('start_date', date, 'The concert is on 2 July 2025.', null),
    given('languages', texts, 'User likes Italian food.', null),
    given('team_name', text, 'User has a boat named Freya.', null),
  ],
};
