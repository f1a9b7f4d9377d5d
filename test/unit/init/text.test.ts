import { expect, test } from 'vitest'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { proposalText } from '../../../src/init/text.ts'

test('the configuration is written as a person would write it, with notes and reasons as comments', () => {
  const long = Array.from({ length: 8 }, (_, i) => `A_RATHER_LONG_NAME_${i}`)
  const config = { name: "it's", services: { 'a-b': { ports: ['80'] } }, presets: long } as ConfigInput
  const text = `import { defineConfig } from 'devk'

// A note.
// ${'long '.repeat(22)}long
// end
// A remark.
export default defineConfig({
  name: 'it\\'s',
  services: {
    // For a reason.
    'a-b': { ports: ['80'] },
  },
  presets: [
${long.map((key) => `    '${key}',`).join('\n')}
  ],
})
`
  const notes = ['A note.', `${'long '.repeat(23)}\nend`]
  expect(proposalText({ config, notes, remarks: ['A remark.'], reasons: { 'a-b': ['For a reason.'] } })).toBe(text)
})

test('without reasons, short services are on one line', () => {
  const config = { name: 'a', services: { web: { build: { context: '.' } } } }
  expect(proposalText({ config, notes: [], remarks: [], reasons: {} })).toContain(
    "\n  services: { web: { build: { context: '.' } } },\n",
  )
})
