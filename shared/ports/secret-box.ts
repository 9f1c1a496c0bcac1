/** Whose secret it is: what was sealed for one cannot be opened for another. */
export interface SecretOwner {
  project: string;
  endpoint: string;
}

/** Keeps secrets that have to be read again, so that the table alone gives none away. */
export interface SecretBox {
  seal(secret: string, owner: SecretOwner): Promise<string>;
  /**
   * @throws TerminalError secret_unreadable: sealed for another owner, by another key, or changed since
   * @throws RetryableError when the key cannot be reached
   */
  open(sealed: string, owner: SecretOwner): Promise<string>;
}
