/** What to say when no preset of a stack knows what is asked: a sentence without its full stop, and what to do. */
export const lacking = {
  jaeger: {
    text: 'No preset of this stack has traces',
    hint:
      "Add 'jaeger' to presets in the configuration, and presetEnv: ['jaeger'] to each service that sends traces. " +
      'Then run devk up.',
  },
  prometheus: {
    text: 'No preset of this stack has metrics of programs',
    hint:
      "Add 'prometheus' to presets in the configuration, and run devk up. " +
      'CPU and memory are in the view Metrics, also without it.',
  },
  logging: {
    text: 'No preset of this stack keeps logs',
    hint:
      "Add 'logging' to presets in the configuration, and run devk up. " +
      'The tool logs reads the lines of containers, also without it.',
  },
} as const
