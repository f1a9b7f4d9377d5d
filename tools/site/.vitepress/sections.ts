/** The pages of docs/ by section, in the order in which a new user needs them. */
export const sections: Readonly<Record<string, readonly string[]>> = {
  Use: [
    'guide',
    'loop',
    'debugging',
    'coming-from',
    'presets',
    'releases',
    'dashboard',
    'observability',
    'troubleshooting',
  ],
  Reference: ['configuration', 'errors', 'providers', 'platforms', 'kit', 'glossary'],
  About: ['architecture', 'figures', 'reliability', 'threat-model', 'licences'],
}
