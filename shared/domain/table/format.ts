import { TerminalError } from '../errors.ts';

/**
 * Number of the form in which items are stored, in the data folder and in the table alike. Raised whenever data of the former
 * form can no longer be read. 1 and 2 had other attribute names, 3 no closed memories and no messages in the index.
 */
export const dataFormat = 4;

/**
 * Rejects data of another format.
 * @param place the file or the table, for the message
 * @param instead a way out for the operator of older data
 * @throws TerminalError data_newer, data_older
 */
export const rejectOtherFormat = (format: number, place: string, instead: string): void => {
  if (format > dataFormat)
    throw new TerminalError(
      'data_newer',
      `${place} was written by a newer Turnstone (format ${format}, this one reads ${dataFormat}): start that version, or restore a backup.`,
    );
  if (format < dataFormat)
    throw new TerminalError(
      'data_older',
      `${place} was written by a Turnstone before the first release (format ${format}, this one reads ${dataFormat}) and cannot be migrated: ${instead}.`,
    );
};
