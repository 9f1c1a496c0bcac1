import { useState } from 'preact/hooks';
import { session, signedOutBecause, signIn, signOut } from './api.ts';
import { ErrorNote, Field, Form } from './parts.tsx';

/** Asks for an API key. The key stays in this tab: `sessionStorage` ends with it. */
export const SignInPage = () => {
  const [key, setKey] = useState('');
  return (
    <main class="sign-in">
      <h1>Turnstone</h1>
      <p>
        Sign in with an API key of your project. The key stays in this tab and is sent to this
        service alone.
      </p>
      <ErrorNote error={signedOutBecause.value || undefined} />
      <Form act={() => signIn(key.trim())} button="Sign in">
        {/* The name of the user makes password managers offer to keep the key. */}
        <input type="text" name="username" value="turnstone" autocomplete="username" hidden />
        <Field label="API key">
          <input
            type="password"
            name="key"
            required
            autocomplete="current-password"
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </Field>
      </Form>
      <p class="hint">
        The first start of the service prints a key. <code>npm run keys -- create</code> makes
        another one.
      </p>
    </main>
  );
};

/** Permissions of the key of the session, and the way out. */
export const SessionBar = () => (
  <div class="session">
    <span title={session.value?.project}>{session.value?.permissions.join(', ')}</span>
    <button type="button" onClick={() => signOut()}>
      Sign out
    </button>
  </div>
);
