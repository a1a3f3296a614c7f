import type { ArtifactIndex } from '../../platform/artifacts';
import type { SecretMask } from '../../platform/secret-mask';

/** Keeps secrets out of what is known of artifacts: everybody may read their names. What is in them is the task's affair. */
export const maskedIndex = (index: ArtifactIndex, mask: SecretMask): ArtifactIndex => ({
  claim: (sha256) => index.claim(sha256),
  put: (record) => index.put({ ...record, name: mask.text(record.name), contentType: mask.text(record.contentType) }),
  find: (id) => index.find(id),
});
