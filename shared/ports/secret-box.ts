/** Owner of a secret: a secret sealed for one owner cannot be opened for another. */
export interface SecretOwner {
  project: string;
  endpoint: string;
}

/** Encrypts secrets that have to be read again, so that a copy of the table reveals none. Safe to call concurrently. */
export interface SecretBox {
  seal(secret: string, owner: SecretOwner): Promise<string>;
  /**
   * @throws TerminalError secret_unreadable: sealed for another owner or with another key, or modified
   * @throws RetryableError when the key cannot be reached
   */
  open(sealed: string, owner: SecretOwner): Promise<string>;
}
