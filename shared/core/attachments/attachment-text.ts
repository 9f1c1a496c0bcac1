import { formatOf, utf8Text } from '../../domain/file-format.ts';
import type { Attachment } from '../../domain/memory/turn.ts';
import type { ModelFailure, Usage } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';

/** Result of reading a file. `failure`: the model could not be asked, which says nothing about the file. */
export type FileText =
  | { status: 'read'; text: string; usage?: Usage }
  | { status: 'kept' | 'failed'; reason: string; retryable?: true; usage?: Usage }
  | { failure: ModelFailure; usage: Usage };

const noVision =
  'The image was kept and not read: no language model that sees images is configured.';

const imageText = async (
  { languageModel }: Platform,
  bytes: Uint8Array,
  mediaType: string,
  signal: AbortSignal,
): Promise<FileText> => {
  const described = await languageModel.describeImage?.({ bytes, mediaType }, signal);
  if (!described) return { status: 'kept', reason: noVision };
  const { usage } = described;
  if (described.ok) return { status: 'read', text: described.text, usage };
  const { ok: _, usage: __, ...failure } = described;
  if (failure.about === 'service') return { failure, usage };
  return {
    status: 'failed',
    reason: 'The language model could not describe the image.',
    ...(failure.retryable ? { retryable: true } : {}),
    usage,
  };
};

/** Whether reading the file takes the language model. */
export const needsDescription = (
  { languageModel }: Platform,
  bytes: Uint8Array,
  attachment: Pick<Attachment, 'name' | 'mediaType'>,
): boolean =>
  languageModel.describeImage !== undefined && formatOf(bytes, attachment).kind === 'image';

/**
 * Reads the text of a file, by its format: text as it is, PDF, Word and HTML by their parsers, images by the language model.
 * @throws the signal's reason once it aborted
 */
export const fileText = async (
  platform: Platform,
  bytes: Uint8Array,
  attachment: Pick<Attachment, 'name' | 'mediaType'>,
  signal: AbortSignal,
): Promise<FileText> => {
  const format = formatOf(bytes, attachment);
  if (format.kind === 'image') return imageText(platform, bytes, format.mediaType, signal);
  if (format.kind === 'unknown')
    return {
      status: 'kept',
      reason: 'The file was kept and not read: its format is not supported.',
    };
  if (format.kind === 'text') {
    const text = utf8Text(bytes) ?? '';
    return text.trim() === ''
      ? { status: 'failed', reason: 'The file has no text.' }
      : { status: 'read', text };
  }
  const read = await platform.documentReader.read(bytes, format.kind, signal);
  return read.ok ? { status: 'read', text: read.text } : { status: 'failed', reason: read.reason };
};
