import { signal } from '@preact/signals';
import { type Place, parsePlace } from './places.ts';

export const place = signal<Place>(parsePlace(''));

/** Follows the fragment of the address from now on. */
export const followAddress = (): void => {
  const read = (): void => {
    place.value = parsePlace(location.hash);
  };
  addEventListener('hashchange', read);
  read();
};

export const goTo = (fragment: string): void => {
  location.hash = fragment;
};
