const sampleOf: Record<string, string> = {
  id: '01920000-0000-7000-8000-000000000000', name: 'nothing-here', version: '1', task: 'nothing',
};

/** A path of this pattern, of things that do not exist. */
export const pathOf = (pattern: string): string => pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => sampleOf[name] ?? name);
