/** A file that a task made. Rows never travel through workflow history; this reference does. */
export interface ArtifactRef {
  name: string;
  /** `artifact://<id>`: opaque outside the artifact store. */
  uri: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
  contentType: string;
}
