/** A category that memories are sorted into, with a description for the model. */
export interface Category {
  name: string;
  description: string;
}

/** Most categories of one memory, so that what is said of a memory stays small. */
export const maxCategoriesPerMemory = 5;

/** Categories of a project that has none of its own. */
export const defaultCategories: readonly Category[] = [
  { name: 'personal_details', description: 'name, age, home, origin, languages, pets, contact' },
  { name: 'family', description: 'relatives, partner, marriage, children' },
  { name: 'professional_details', description: 'job, employer, skills, education' },
  { name: 'sports', description: 'sports, training, teams' },
  { name: 'travel', description: 'trips, places visited, travel plans' },
  { name: 'food', description: 'food, drinks, diets, cooking, restaurants' },
  { name: 'music', description: 'instruments, songs, bands, concerts' },
  { name: 'health', description: 'conditions, allergies, medication, care, sleep' },
  { name: 'technology', description: 'devices, software, programming' },
  { name: 'hobbies', description: 'what is done for fun' },
  { name: 'fashion', description: 'clothes, shoes, style' },
  { name: 'entertainment', description: 'films, series, books, games' },
  { name: 'milestones', description: 'events that change a life, achievements' },
  { name: 'user_preferences', description: 'likes, dislikes, wishes for answers' },
  { name: 'misc', description: 'only what no other category fits' },
];
