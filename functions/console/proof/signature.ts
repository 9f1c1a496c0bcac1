// Stands for shared/domain/webhooks/signature.ts, which signs by the cryptography of Node.js: the project of the visitor has no
// webhooks, so nothing of it is called.

export const maxSecrets = 5;

const signsNothing = (): never => {
  throw new Error('the simulation in a browser signs no webhooks');
};

export const isSecret = signsNothing;
export const formatSecret = signsNothing;
export const formatKeyPair = signsNothing;
export const publicKeyOf = signsNothing;
export const sign = signsNothing;
