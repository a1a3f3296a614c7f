/** One thing that is wrong with a definition or a request, and where. Lines and columns start at 1. */
export interface Fault {
  code: string;
  message: string;
  /** JSON pointer (RFC 6901) into the document. */
  path: string;
  line?: number;
  column?: number;
  suggestion?: string;
}
