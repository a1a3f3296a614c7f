import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { v5 as uuidFrom } from 'uuid';
import type { ArtifactRef } from '../domain/artifact';
import { AppError } from '../domain/errors';
import type { ArtifactContent } from './artifact-contents';
import type { ArtifactFiles, ArtifactSource } from './artifact-files';
import { removeFolder } from './folder-removal';

/** The task, or instance of a `forEach`, that makes an artifact. */
export interface ArtifactOwner {
  runId: string;
  task: string;
  /** Item number of a `forEach` instance, else null. */
  instance: number | null;
}

export interface ArtifactRecord extends ArtifactOwner, ArtifactContent {
  id: string;
  name: string;
  contentType: string;
}

/** Where artifacts are known by id and by owner; `db/artifacts.ts` keeps it in Postgres. */
export interface ArtifactIndex {
  /** Says that a content is about to be saved: from now on nobody removes it for want of an artifact that refers to it. */
  claim(sha256: string): Promise<void>;
  /**
   * Records an artifact; the one of the same id is replaced.
   * @returns whether its content is still claimed; if not, nothing was recorded
   */
  put(record: ArtifactRecord): Promise<boolean>;
  find(id: string): Promise<ArtifactRecord | undefined>;
}

const uriPrefix = 'artifact://';
const namespace = '6f1f2b8e-3d43-4f3e-9d7c-5a2b1c0e7d11';
const longestName = 200;

/** The reference that travels between tasks. */
const artifactRef = ({ id, name, bytes, sha256, contentType }: ArtifactRecord): ArtifactRef =>
  ({ name, uri: `${uriPrefix}${id}`, bytes, sha256, contentType });

/** The id in a reference; an empty text when it refers to no artifact of ours. */
export const artifactId = ({ uri }: Pick<ArtifactRef, 'uri'>): string => (uri.startsWith(uriPrefix) ? uri.slice(uriPrefix.length) : '');

/**
 * Checks the name of an artifact: it becomes a file name on other people's machines.
 * @throws AppError `input_invalid`
 */
export function checkArtifactName(name: string): void {
  const harmless = /^[^\p{Cc}\p{Cf}/\\:*?"<>|]+$/u.test(name) && !name.startsWith('.') && name.trim() === name;
  if (!harmless || Buffer.byteLength(name) > longestName) {
    throw new AppError('input_invalid', `"${name.slice(0, longestName)}" is not a name for an artifact: at most ${longestName} bytes, no "/" or other characters that file names refuse, no "." in front`);
  }
}

/** Artifacts as one task sees them: it saves its own, and opens those that it is given. */
export class ArtifactStore {
  private readonly scratchFolders: string[] = [];
  /** Where contents of a remote store are linked to. */
  private links: Promise<string> | undefined;

  constructor(
    private readonly files: ArtifactFiles,
    private readonly index: ArtifactIndex,
    private readonly owner: ArtifactOwner,
  ) {}

  /**
   * Keeps a file under a name; an earlier one of the same task and name is replaced. The same attempt done twice gives
   * the same reference.
   * @throws AppError `input_invalid` when the name is none; what `ArtifactContents` throws
   */
  async save(name: string, contentType: string, source: ArtifactSource, signal?: AbortSignal): Promise<ArtifactRef> {
    checkArtifactName(name);
    const { file, ...content } = await this.files.receive(source, signal);
    try {
      await this.index.claim(content.sha256);
      await this.files.contents.put(file, content, signal);
    } finally {
      await rm(file, { force: true });
    }
    const record = { ...this.owner, ...content, name, contentType, id: this.idOf(name) };
    if (await this.index.put(record)) return artifactRef(record);
    throw new AppError('artifacts_unavailable', `${name} took so long to be saved that its content may have been removed as unused`, { retryable: true });
  }

  /**
   * The content of an artifact.
   * @throws AppError `not_found` when there is none of that reference; `signal.reason`; what `ArtifactContents` throws
   */
  async open(artifact: Pick<ArtifactRef, 'uri'>, signal?: AbortSignal): Promise<Readable> {
    return this.files.contents.open((await this.find(artifact)).sha256, undefined, signal);
  }

  /**
   * A path under which the content can be read, and only read, while this attempt lasts.
   * @param artifact one that was found already
   * @throws what `ArtifactContents` throws
   */
  async localPath(artifact: ArtifactContent, signal?: AbortSignal): Promise<string> {
    return this.files.contents.localPath(artifact, () => (this.links ??= this.scratch()), signal);
  }

  /** What is known of an artifact now, as opposed to what a reference says that someone wrote by hand. */
  async find(artifact: Pick<ArtifactRef, 'uri'>): Promise<ArtifactRecord> {
    const record = await this.index.find(artifactId(artifact));
    if (record === undefined) throw new AppError('not_found', `there is no artifact "${artifact.uri}"`);
    return record;
  }

  /** A new empty folder for this attempt. */
  async scratch(): Promise<string> {
    const folder = await this.files.makeScratch();
    this.scratchFolders.push(folder);
    return folder;
  }

  /** Removes the scratch folders; whoever made the store calls it when the attempt is over. */
  async close(): Promise<void> {
    await Promise.all(this.scratchFolders.splice(0).map(removeFolder));
  }

  private idOf(name: string): string {
    return uuidFrom(JSON.stringify([this.owner.runId, this.owner.task, this.owner.instance, name]), namespace);
  }
}
