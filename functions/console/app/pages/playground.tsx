import { signal } from '@preact/signals';
import { mayWrite } from '../api.ts';
import { Field } from '../parts.tsx';
import { Saying } from './playground-say.tsx';
import { Searching } from './playground-search.tsx';

/** User whom both halves of the page are about; kept while other pages are shown. */
const user = signal('ana');

/** Say something as a user, and search what is remembered of the user. */
export const PlaygroundPage = () => (
  <>
    <div class="filters">
      <Field label="User">
        <input
          value={user.value}
          onInput={({ currentTarget }) => {
            user.value = currentTarget.value;
          }}
        />
      </Field>
    </div>
    {mayWrite.value && <Saying user={user.value} />}
    <Searching user={user.value} />
  </>
);
