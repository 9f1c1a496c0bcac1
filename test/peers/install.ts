import { installPackage } from '../support/install-package.ts';

installPackage(new URL('.', import.meta.url));
