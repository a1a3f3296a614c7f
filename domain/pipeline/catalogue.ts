import type { ExecutionMode } from './plan';

/** What the validator knows of one processor. Workers publish these; the API and the CLI validate from them. */
export interface CatalogueEntry {
  name: string;
  title: string;
  description?: string;
  version: string;
  mode: ExecutionMode;
  /** JSON Schema (draft 2020-12) of `with` and of the output. */
  inputSchema: Record<string, unknown>;
  outputSchema: Record<string, unknown>;
  /** Properties of `with` that hold a program text (SQL, say) and therefore refuse `${{`. */
  literal?: string[];
  /** Since when no worker has it any more (RFC 3339): what names it would not run. */
  withdrawnAt?: string;
}

export type Catalogue = ReadonlyMap<string, CatalogueEntry>;
