import { session, signOut } from './api.ts';

/** What the key of the session may do, and the way out. */
export const SessionBar = () => (
  <div class="session">
    <span title={session.value?.project}>{session.value?.permissions.join(', ')}</span>
    <button type="button" onClick={() => signOut()}>
      Sign out
    </button>
  </div>
);
