/**
 * Loaded before any workflow (`preloadModules` of the bundle). The SDK takes a stack trace at every promise that
 * workflow code makes and maps each of its frames to the source, so that the Temporal UI can show where a workflow
 * waits. In a large run that was most of the processor time of workflow code (docs/performance.md). Two of these
 * frames are the SDK's own, and the innermost of ours say enough.
 */
Error.stackTraceLimit = 4;
